"""Masked and causal by turns: which sequences are which, what is asked, and that one set of weights does both."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import tiny, trained

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.lab.assemble import assemble, check
from tandem.lab.evaluate import evaluate_run
from tandem.lab.fill_mask import fill_mask
from tandem.lab.folder import open_run
from tandem.lab.generate import Sampling, generate
from tandem.objectives.mixed import Mixed
from tandem.text.tokenizer import train_tokenizer
from tandem.train.carried import hidden_states

TOKENIZER = train_tokenizer(["abcdefgh"], kind="char", size=13)
ROWS = padded([np.arange(40) % 8 + 5] * 1000)


def test_a_causal_sequence_tells_every_token_and_another_only_what_was_chosen() -> None:
    objective = Mixed(TOKENIZER, causal=0.3, rate=0.2)
    batch = objective.collate(ROWS, key=1)
    assert batch.causal is not None
    assert batch.causal.float().mean() == pytest.approx(0.3, abs=0.05)
    told = np.zeros((1000, 40), dtype=bool)
    told.reshape(-1)[batch.places] = True
    assert told[batch.causal].all()
    assert told[~batch.causal.numpy()].mean() == pytest.approx(0.2, abs=0.01)
    assert batch.labels.tolist() == ROWS.ids[told].tolist()
    inputs = batch.ids[:, 1:].numpy()
    assert (batch.ids[:, 0] == TOKENIZER.cls_id).all()
    # Causal rows stand as they are, one position to the right; in the others 8 of 10 chosen tokens are hidden.
    assert np.array_equal(inputs[batch.causal], ROWS.ids[batch.causal.numpy(), :-1])
    hidden = inputs == TOKENIZER.mask_id
    assert not (hidden & ~told[:, :-1]).any()
    assert hidden[~batch.causal.numpy()].mean() == pytest.approx(0.2 * 0.8, abs=0.01)


def test_each_sequence_is_read_in_its_own_way(book: Path) -> None:
    made = assemble(tiny(book, task="mixed", encoder="lstm | attention", tokenizer__kind="char"))
    made.model.eval()
    batch = made.objective.collate(made.objective.source(made.store, "train", pack="windows", length=16).rows(
        np.arange(12), key=0), key=0)  # fmt: skip
    assert batch.causal is not None
    assert 0 < batch.causal.sum() < 12
    together = hidden_states(made.model, batch, None)
    for row, causal in enumerate(batch.causal.tolist()):
        size = int(batch.mask[row].sum())
        with made.model.encoder.seeing("past" if causal else "both"):
            alone = made.model.encoder(batch.ids[row : row + 1, :size], batch.mask[row : row + 1, :size])
        assert (together[row, :size] - alone[0]).abs().max() < 1e-5


def test_one_model_continues_texts_and_fills_masks(book: Path, tmp_path: Path) -> None:
    recipe = tiny(
        book, task="mixed", encoder="attention | lstm", tokenizer__kind="wordpiece", budget__steps=300, model__width=32,
        optimiser__learning_rate=0.01, model__dropout=0.0,
    )  # fmt: skip
    run = open_run(trained(recipe, tmp_path / "run"))
    scores = evaluate_run(run, split="test")
    assert scores.loss < scores.baseline_loss - 0.5
    assert scores.more["masked loss"] < scores.baseline_loss - 0.5
    with run.model.encoder.seeing("past"):
        first = fill_mask(run.model, run.objective, "The [MASK] wind blows.", top=3)
    assert len(first[0]) == 3
    # What stands behind the mask plays a part, though the model is causal when nothing else is said.
    other = fill_mask(run.model, run.objective, "The [MASK] spring waits.", top=3)
    assert [guess.probability for guess in first[0]] != [guess.probability for guess in other[0]]
    drawn = Sampling(seed=1)
    texts = ["".join(generate(run, "The ", tokens=20, sampling=drawn, cached=cached)) for cached in (True, False)]
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("options", [{"causal": 0.0}, {"causal": 1.0}, {"rate": 0.0}, {"masked": 0.9, "random": 0.2}])
def test_shares_out_of_range_are_refused(options: dict[str, Any], book: Path) -> None:
    with pytest.raises(UsageError, match=f"objective.{next(iter(options))} = "):
        check(tiny(book, task="mixed", tokenizer__kind="char", objective=options))
