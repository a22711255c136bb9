"""Quantifiers: what they say about how many, and which of them denies which."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Count = Any
"""A whole number, or an array with the counts of many worlds."""


@dataclass(frozen=True)
class Quantifier:
    """The beginning of a sentence, such as `not every` in "Not every dog swims."

    `true(inside, outside)` decides by how many dogs swim and how many do not. `denied` is the quantifier that is true
    where this one is false. A `negatable` quantifier can stand before "do not", because English then leaves no doubt
    about what is negated, as it would in "All dogs do not swim."
    """

    words: str
    tags: str
    true: Callable[[Count, Count], Any]
    denied: str
    singular: bool = False
    negatable: bool = False


_ALL = (
    Quantifier("all", "DET", lambda _, outside: outside == 0, "not all"),
    Quantifier("every", "DET", lambda _, outside: outside == 0, "not every", singular=True),
    Quantifier("some", "DET", lambda inside, _: inside > 0, "no", negatable=True),
    Quantifier("no", "DET", lambda inside, _: inside == 0, "some"),
    Quantifier("not all", "PART DET", lambda _, outside: outside > 0, "all"),
    Quantifier("not every", "PART DET", lambda _, outside: outside > 0, "every", singular=True),
    Quantifier("most", "ADJ", lambda inside, outside: inside > outside, "at most half the", negatable=True),
    Quantifier("at most half the", "ADP ADJ DET DET", lambda inside, outside: inside <= outside, "most", False, True),
    Quantifier("at least two", "ADP ADJ NUM", lambda inside, _: inside >= 2, "at most one", negatable=True),
    Quantifier("at most one", "ADP ADJ NUM", lambda inside, _: inside <= 1, "at least two", True, True),
)  # fmt: skip

QUANTIFIERS = {quantifier.words: quantifier for quantifier in _ALL}
PLAIN = tuple(QUANTIFIERS)
NEGATABLE = tuple(words for words, quantifier in QUANTIFIERS.items() if quantifier.negatable)
FRAMES = tuple((words, False) for words in PLAIN) + tuple((words, True) for words in NEGATABLE)
"""Every quantifier before what is said, and those that can stand before its negation too."""
