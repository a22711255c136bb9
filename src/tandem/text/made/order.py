"""All sentences of the made language in one fixed random order."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np

from tandem.core.seeds import derive, permuted
from tandem.text.made.entailment import is_open
from tandem.text.made.grammar import Sentence
from tandem.text.made.lexicon import ACTIONS, KINDS, STATES, WAYS
from tandem.text.made.quantifiers import FRAMES
from tandem.text.made.splits import SEED, split_range

AT_ONCE = 512

MODIFIERS = ((None,), STATES, ACTIONS)
PREDICATES = (ACTIONS, WAYS, STATES)
SHAPES: tuple[tuple[Sequence[Any], ...], ...] = tuple(
    (FRAMES, KINDS, *shape) for shape in product(MODIFIERS, PREDICATES)
)
"""What there is to choose from, for each of nine shapes: no modifier, an adjective or a clause, times a verb, a verb
with an adverb, or an adjective."""


def sentences() -> Iterator[Sentence]:
    """About 150,000 different sentences, of every shape nearly equally many.

    Left out are those that nobody would say, and those that are true or false by their words alone.
    """
    sizes = [prod(len(choices) for choices in shape) for shape in SHAPES]
    for start in range(0, min(sizes), AT_ONCE):
        counts = np.arange(start, min(start + AT_ONCE, min(sizes)))
        ranks = [permuted(counts, size, derive(SEED, "sentences", shape)).tolist() for shape, size in enumerate(sizes)]
        for row in zip(*ranks, strict=True):
            for choices, rank in zip(SHAPES, row, strict=True):
                sentence = _numbered(rank, choices)
                if sentence.is_natural() and is_open(sentence):
                    yield sentence


def _numbered(rank: int, choices: tuple[Sequence[Any], ...]) -> Sentence:
    """The sentence with this number among all that the choices allow."""
    picked = []
    for options in choices:
        rank, place = divmod(rank, len(options))
        picked.append(options[place])
    (quantifier, negated), kind, modifier, predicate = picked
    return Sentence(quantifier, kind.word, modifier, predicate, negated)


def numbered(split: str, *, rows: int) -> Iterator[tuple[int, Sentence]]:
    """The sentences of a split, each with its place in the order of all; `rows` of them train."""
    places = split_range(split, rows=rows)
    return islice(enumerate(sentences()), places.start, places.stop)
