"""Whether a sentence follows from another, contradicts it, or neither: decided over all possible worlds.

A world is a collection of creatures. The lexicon says which properties imply or exclude each other; nothing else is
known. The subjects of both sentences name something in the world: "All dogs swim." is not said where there is no dog,
so it entails "Some dogs swim.", and "No animals swim." entails "Not all dogs swim." (Strawson entailment).

For each of two sentences, a creature is inside (a dog that swims), outside (a dog that does not) or elsewhere (no dog).
So all that a world says about the two is how many creatures are in each of eight cells. The lexicon leaves some cells
empty. The others may hold any number, and every choice of small numbers is tried.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from tandem.text.made.grammar import Sentence
from tandem.text.made.lexicon import ACTIONS, KINDS, STATES, WAYS, Property, excluded, implied
from tandem.text.made.quantifiers import QUANTIFIERS

LABELS = ("entailment", "neutral", "contradiction")

INSIDE, OUTSIDE, ELSEWHERE = range(3)
# Whoever is elsewhere for both sentences matters to neither.
CELLS = tuple(product(range(3), range(3)))[:-1]
# No quantifier counts beyond two, and "most" needs one more than what it outweighs; a test compares with five.
MOST_IN_A_CELL = 3

_BIT = {attribute: 1 << number for number, attribute in enumerate((*KINDS, *STATES, *ACTIONS, *WAYS))}


class Description(NamedTuple):
    """Which properties a creature has and which it lacks, each a set written as the bits of a number."""

    has: int
    lacks: int


def label(premise: Sentence, hypothesis: Sentence) -> str | None:
    """One of `LABELS`: the hypothesis is true in all, in some but not all, or in none of the worlds of the premise.

    None where there is no world to judge in: "All dogs are wet." leaves no dry dogs for "Some dry dogs swim."
    """
    return labels(premise, hypothesis)[premise.quantifier, hypothesis.quantifier]


def labels(premise: Sentence, hypothesis: Sentence) -> dict[tuple[str, str], str | None]:
    """What `label` would be if the two sentences had other quantifiers, for every pair of these."""
    first, second = _regions(premise), _regions(hypothesis)
    return _decided(tuple(_meet(first[row], second[column]) for row, column in CELLS))


def is_open(sentence: Sentence) -> bool:
    """Whether it takes a look at the world to tell if the sentence is true, as it does not for "All dogs are dogs.\""""
    inside, outside, _ = _regions(sentence)
    return _meet(inside, inside) and _meet(outside, outside)


@lru_cache(maxsize=64)
def _regions(sentence: Sentence) -> tuple[tuple[Description, ...], ...]:
    """Who is inside, outside and elsewhere: for each, alternatives of which one must fit."""
    subject = [_having(attribute) for attribute in sentence.subject]
    doing = (_joined([*subject, _having(sentence.predicate)]),)
    not_doing = (_joined([*subject, _lacking(sentence.predicate)]),)
    elsewhere = tuple(_lacking(attribute) for attribute in sentence.subject)
    return (not_doing, doing, elsewhere) if sentence.negated else (doing, not_doing, elsewhere)


def _meet(some: Iterable[Description], others: Iterable[Description]) -> bool:
    """Whether the lexicon allows a creature that fits a description of each side."""
    return any(not (one.has | other.has) & (one.lacks | other.lacks) for one in some for other in others)


def _joined(descriptions: Iterable[Description]) -> Description:
    has = lacks = 0
    for description in descriptions:
        has, lacks = has | description.has, lacks | description.lacks
    return Description(has, lacks)


@cache
def _having(attribute: Property) -> Description:
    return Description(_bits(implied(attribute)), _bits(excluded(attribute)))


@cache
def _lacking(attribute: Property) -> Description:
    return Description(0, _bits({attribute}))


def _bits(attributes: Iterable[Property]) -> int:
    return sum(_BIT[attribute] for attribute in attributes)


@cache
def _decided(cells: tuple[bool, ...], most: int = MOST_IN_A_CELL) -> dict[tuple[str, str], str | None]:
    """The labels where only the cells marked true can hold creatures, and none holds more than `most`."""
    choices = [range(most + 1) if possible else range(1) for possible in cells]
    worlds = np.array(np.meshgrid(*choices, indexing="ij")).reshape(len(CELLS), -1)
    counted = [
        [worlds[[cell[side] == region for cell in CELLS]].sum(axis=0) for region in (INSIDE, OUTSIDE)]
        for side in (0, 1)
    ]
    named = np.all([inside + outside > 0 for inside, outside in counted], axis=0)
    premises, hypotheses = (
        np.array([one.true(inside, outside) & named for one in QUANTIFIERS.values()]) for inside, outside in counted
    )
    # Both are true in so many worlds. Whole numbers below 2^24 are exact in float32, whose product is the fastest.
    both = premises.astype(np.float32) @ hypotheses.T.astype(np.float32)
    alone = premises.sum(axis=1)
    return {
        (premise, hypothesis): _label(int(both[row, column]), int(alone[row]))
        for row, premise in enumerate(QUANTIFIERS)
        for column, hypothesis in enumerate(QUANTIFIERS)
    }


def _label(both: int, alone: int) -> str | None:
    """The label where the premise is true in `alone` worlds, in `both` of them with the hypothesis."""
    if not alone:
        return None
    if both == alone:
        return "entailment"
    return "neutral" if both else "contradiction"
