"""Text classification: what is read, what is scored, and that it is learnt."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import tiny, trained

from tandem.core.errors import UsageError
from tandem.data.rows import Rows, padded
from tandem.lab.answers import answers
from tandem.lab.assemble import check
from tandem.lab.evaluate import evaluate_run
from tandem.lab.folder import open_run
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.classify import Classify
from tandem.text.tokenizer import Tokenizer, train_tokenizer

PARITY: dict[str, Any] = {
    "task": "classify", "corpus": {"name": "parity", "rows": 300, "longest": 8}, "tokenizer__size": 16,
    "optimiser__learning_rate": 0.02, "model__dropout": 0.0, "objective": {"pooling": "last", "dropout": 0.0},
}  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["abcdefgh"], kind="char", size=13)


def model(objective: Classify) -> Model:
    torch.manual_seed(0)
    encoder = Encoder(parse("lstm | attention"), vocabulary=13, width=8, sees="both", max_length=16)
    return Model(encoder, objective.head(encoder.embedding, width=8, epsilon=1e-5)).eval()


def labelled(pieces: list[list[int]], classes: list[int]) -> Rows:
    rows = padded(pieces)
    return Rows(rows.ids, rows.mask, rows.sequences, targets=np.array(classes))


@pytest.mark.parametrize("pooling", ["mean", "max", "first", "last", "attentive"])
def test_a_text_gets_the_same_class_alone_and_in_a_padded_batch(pooling: Any, tokenizer: Tokenizer) -> None:
    objective = Classify(tokenizer, ("x", "y", "z"), pooling=pooling)
    made, pieces = model(objective), [[5, 6, 7, 8, 9], [10], [6, 5, 7]]
    together = objective.collate(labelled(pieces, [0, 2, 1]), key=0)
    scores = made.head(made.encoder(together.ids, together.mask), together.mask)
    assert scores.shape == (3, 3)
    for row, piece in enumerate(pieces):
        alone = objective.collate(labelled([piece], [0]), key=0)
        expected = made.head(made.encoder(alone.ids, alone.mask), alone.mask)
        torch.testing.assert_close(scores[row : row + 1], expected)


def test_the_loss_is_the_cross_entropy_of_the_classes_summed(tokenizer: Tokenizer) -> None:
    objective = Classify(tokenizer, ("x", "y", "z"), smoothing=0.3)
    made, batch = model(objective), objective.collate(labelled([[5, 6], [7], [8]], [2, 0, 1]), key=0)
    hidden = made.encoder(batch.ids, batch.mask)
    logs = made.head(hidden, batch.mask).log_softmax(dim=-1)
    outcome = objective.loss(made.head, hidden, batch)
    assert outcome.loss_sum.item() == pytest.approx(-(logs[0, 2] + logs[1, 0] + logs[2, 1]).item())
    assert int(outcome.correct) == int((logs.argmax(dim=-1) == torch.tensor([2, 0, 1])).sum())
    made.train()
    made.head.dropout.p = 0.0
    smoothed = objective.loss(made.head, hidden, batch).loss_sum.item()
    targets = torch.full((3, 3), 0.1)
    targets[[0, 1, 2], [2, 0, 1]] += 0.7
    assert smoothed == pytest.approx(-(targets * logs).sum().item())


def test_parity_is_learnt_by_a_recurrent_model_saved_and_opened_again(book: Path, tmp_path: Path) -> None:
    recipe = tiny(
        book, **PARITY, encoder="lstm[sees=past]", budget__steps=600, train__batch_tokens=512, model__width=24
    )
    run = open_run(trained(recipe, tmp_path / "run"))
    assert run.objective.labels == ("even", "odd")
    scores = evaluate_run(run, split="test")
    assert scores.guess == "majority"
    assert scores.baseline_accuracy < 0.7
    assert scores.accuracy > 0.95
    assert scores.more["macro F1"] > 0.95
    (guesses,) = answers(run.model, run.objective, "1 0 1 1", top=5)
    assert guesses[0].token == "odd"
    assert sum(guess.probability for guess in guesses) == pytest.approx(1.0)


def test_running_text_cannot_be_classified_and_the_message_says_what_can(book: Path) -> None:
    with pytest.raises(UsageError, match="task classify cannot learn from the corpus file, which holds running text; "
                                         "it needs texts with a class"):  # fmt: skip
        check(tiny(book, task="classify"))


@pytest.mark.parametrize("options", [{"dropout": 1.0}, {"smoothing": -0.1}, {"pooling": "middle"}])
def test_options_out_of_range_are_refused(options: dict[str, Any], book: Path) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        check(tiny(book, **{**PARITY, "objective": options}))


def test_a_framed_text_stands_between_cls_and_sep_and_is_cut_to_leave_room(tmp_path: Path, book: Path) -> None:
    recipe = tiny(book, **PARITY, encoder="rnn", budget__steps=2, data__length=5, tokenizer__boundaries=True)
    framed = recipe.model_copy(update={"objective": {**PARITY["objective"], "framed": True}})
    run = open_run(trained(framed, tmp_path / "run"))
    tokenizer = run.objective.tokenizer
    source = run.objective.source(run.store(), "train", pack="windows", length=5)
    rows = source.rows(np.arange(len(source)), key=0)
    ends = rows.mask.sum(axis=1)
    assert rows.ids.shape[1] == 5
    assert set(rows.ids[:, 0]) == {tokenizer.cls_id}
    assert set(rows.ids[np.arange(len(ends)), ends - 1]) == {tokenizer.sep_id}
    assert list(source.lengths(np.arange(len(source)))) == list(ends)
    assert any("longer than 3 tokens" in note for note in source.notes())
    # The same text by the same class, read from the store and asked for alone.
    told = [answers(run.model, run.objective, "a" * size, top=2)[0] for size in (1, 3)]
    asked = [{guess.token: guess.probability for guess in guesses}["even"] for guesses in told]
    alone = padded([[tokenizer.cls_id, *tokenizer.encode("a" * size), tokenizer.sep_id] for size in (1, 3)])
    batch = run.objective.collate(alone, key=0)
    with torch.no_grad():
        expected = run.model.head(run.model.encoder(batch.ids, batch.mask), batch.mask).softmax(dim=-1)[:, 0]
    torch.testing.assert_close(torch.tensor(asked), expected)


def test_a_length_without_room_for_a_framed_token_is_refused(tmp_path: Path, book: Path) -> None:
    recipe = tiny(book, **PARITY, encoder="rnn", budget__steps=2, data__length=2, tokenizer__boundaries=True)
    with pytest.raises(UsageError, match=r"data.length = 2: a text between \[CLS\] and \[SEP\] takes at least 3"):
        trained(recipe.model_copy(update={"objective": {"framed": True}}), tmp_path / "run")
