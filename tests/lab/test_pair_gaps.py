"""A pair without two texts keeps its place among those that are answered."""

from collections.abc import Iterator
from itertools import islice

import pytest

from tandem.lab.pair_gaps import beside_gaps
from tandem.lab.text_pairs import TextPair

WORDS = [TextPair(f"line {n}", f"dogs {n}", "cats") for n in range(4)]
EMPTY, SIGNS = TextPair("line 5", "dogs", ""), TextPair("line 6", "...", "cats")


def encode(texts: list[str]) -> list[list[int]]:
    """Reads words and no signs."""
    return [[1 for word in text.split() if word.isalnum()] for text in texts]


def tell(given: Iterator[TextPair]) -> Iterator[str]:
    """Reads two pairs before it answers."""
    while chunk := list(islice(given, 2)):
        yield from (pair.place for pair in chunk)


@pytest.mark.parametrize(
    "pairs",
    [
        WORDS,
        [EMPTY, *WORDS, SIGNS],
        [WORDS[0], EMPTY, SIGNS, WORDS[1], WORDS[2], EMPTY],
        [EMPTY, SIGNS],
        [],
    ],
)
def test_each_pair_gets_its_own_answer_or_none(pairs: list[TextPair]) -> None:
    expected = [(pair, None if pair in (EMPTY, SIGNS) else pair.place) for pair in pairs]
    assert list(beside_gaps(iter(pairs), tell, encode=encode)) == expected
