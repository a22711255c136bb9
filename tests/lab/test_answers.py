"""Samples of a training that are longer than its texts."""

import pytest
from toys import LETTERS, objective, random_model

from tandem.core.errors import UsageError
from tandem.lab.answers import answers

LEARNED = "positions[kind=learned] > attention"
"""Its positions end, so that no longer text could be read."""


@pytest.mark.parametrize(
    ("task", "long", "read"),
    [
        ("mlm", "a b [MASK] c a b c a a a b c", "a b [MASK] c a b c a"),
        ("clm", "a b b c a b c a a a b c", "b c a a a b c"),
        ("classify", "a b b c a b c a a a b c", "a b b c a b c a"),
        ("tag", "a b b c a b c a a a b c", "a b b c a b c a"),
        ("siamese", "a b b c a b c a a a b c || c c c c c c c c c", "a b b c a b c a || c c c c c c c c"),
        ("cross", "a b b c a b c a a a b c || c c c c c c c c c", "a b b || c c"),
    ],
)
def test_of_a_long_text_as_much_is_read_as_in_training(task: str, long: str, read: str) -> None:
    of = objective(task, LETTERS, labels=() if task in ("mlm", "clm") else ("x", "y"))
    model = random_model(of, LEARNED, max_length=8, positions="none").float()
    (found,), (expected,) = (answers(model, of, text, top=3) for text in (long, read))
    assert found[: len(expected)] == expected


def test_a_mask_that_is_not_read_is_named_as_what_it_is() -> None:
    of = objective("mlm", LETTERS)
    model = random_model(of, LEARNED, max_length=8, positions="none").float()
    with pytest.raises(UsageError, match="holds no mask among its first 8 tokens"):
        answers(model, of, "a b c a b c a b [MASK]", top=3)
