"""Causal language modelling: what is read, what is asked for, and what the numbers mean."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from running import tiny

from tandem.core.errors import UsageError
from tandem.data.rows import Rows, padded
from tandem.lab.assemble import assemble, check
from tandem.lab.evaluate import evaluate
from tandem.objectives.clm import Clm
from tandem.text.tokenizer import Tokenizer, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["abcdefgh"], kind="char", size=13)


def test_every_token_is_asked_for_from_those_before_it(tokenizer: Tokenizer) -> None:
    batch = Clm(tokenizer).collate(padded([[5, 6, 7], [8]]), key=0)
    begin = tokenizer.cls_id
    assert batch.ids.tolist() == [[begin, 5, 6], [begin, 0, 0]]
    assert batch.mask.tolist() == [[True, True, True], [True, False, False]]
    assert (batch.places.tolist(), batch.labels.tolist()) == ([0, 1, 2, 3], [5, 6, 7, 8])
    assert batch.tokens == 4


def test_a_row_that_goes_on_begins_with_the_token_before_it(tokenizer: Tokenizer) -> None:
    rows = padded([[5, 6], [7, 8]])
    rows = Rows(rows.ids, rows.mask, rows.sequences, before=np.array([-1, 9]))
    assert Clm(tokenizer).collate(rows, key=0).ids.tolist() == [[tokenizer.cls_id, 5], [9, 7]]


def test_no_label_reaches_the_hidden_state_that_must_tell_it(book: Path) -> None:
    made = assemble(tiny(book, task="clm", encoder="attention > lstm", tokenizer__kind="char"))
    rows = padded([list(range(5, 15))])
    batch = made.objective.collate(rows, key=0)
    vectors = made.model.encoder.embedding(batch.ids).detach().requires_grad_()
    hidden = made.model.encoder.body(vectors, batch.mask)
    for place in range(batch.ids.shape[1]):
        (gradient,) = torch.autograd.grad(hidden[0, place].sum(), vectors, retain_graph=True)
        # Label `place` stands one position later in the input.
        assert gradient[0, place + 1 :].count_nonzero() == 0
        assert gradient[0, place].count_nonzero() > 0


@pytest.mark.parametrize("room", [0, 1])
def test_whole_examples_end_with_a_token_that_must_be_told_too(room: int, book: Path) -> None:
    made = assemble(tiny(book, task="clm", tokenizer__kind="char"))
    sizes = np.diff(made.store.split("train").examples).astype(int)
    length = int(sizes.max()) + room
    source = made.objective.source(made.store, "train", pack="examples", length=length)
    for number, size in enumerate(sizes.tolist()):
        row = source.rows(np.array([number]), key=0)
        assert int(row.mask.sum()) == source.lengths(np.array([number]))[0] == min(size + 1, length)
        assert (row.ids[0, -1] == made.store.tokenizer.sep_id) == (size < length)


def test_perplexity_and_bits_follow_from_the_loss(book: Path) -> None:
    made = assemble(tiny(book, task="clm", tokenizer__kind="wordpiece"))
    scores = evaluate(made.model, made.objective, made.store, made.recipe, split="test")
    counted = made.store.meta["splits"]["test"]
    assert scores.count == counted["tokens"]
    total = scores.loss * counted["tokens"] / math.log(2)
    assert scores.more["perplexity"] == pytest.approx(math.exp(scores.loss))
    assert scores.more["bits per character"] == pytest.approx(total / counted["characters"])
    assert scores.more["bits per byte"] == pytest.approx(total / counted["bytes"])


def test_an_untrained_model_with_zero_weights_is_as_good_as_a_uniform_guess(book: Path) -> None:
    made = assemble(tiny(book, task="clm", tokenizer__kind="char"))
    with torch.no_grad():
        for parameter in made.model.parameters():
            parameter.zero_()
    scores = evaluate(made.model, made.objective, made.store, made.recipe, split="test")
    assert scores.loss == pytest.approx(math.log(made.store.tokenizer.size))


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        ("lstm > attention", r"state of attention grows with the text; write attention\[window=64\]"),
        ("positions[kind=learned] > attention[window=4]", "positions of kind learned end"),
    ],
)
def test_a_state_that_grows_or_ends_cannot_be_carried(encoder: str, reason: str, book: Path) -> None:
    changes = {"tokenizer__kind": "char", "objective": {"carry": True}, "task": "clm"}
    with pytest.raises(UsageError, match=reason):
        check(tiny(book, encoder=encoder, **changes))
    check(tiny(book, encoder="attention[window=4] | lstm | cnn", **changes))


def test_a_tokenizer_without_a_beginning_is_refused_with_the_remedy(book: Path) -> None:
    with pytest.raises(UsageError, match=r"tokenizer\.boundaries = true"):
        check(tiny(book, task="clm", tokenizer__kind="words"))
    check(tiny(book, task="clm", tokenizer__kind="words", tokenizer__boundaries=True))
