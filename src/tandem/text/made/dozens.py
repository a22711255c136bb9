"""Twelve pairs of a premise and a hypothesis, made so that no sentence alone tells anything about the label.

Take a thesis, a premise that entails it and one that contradicts it. Take a second thesis that both premises leave
open, and two premises for and against it that leave the first thesis open. What entails a thesis contradicts its
denial. So with the two denials there are twelve pairs, in which each of four premises and each of four hypotheses
stands three times, once under each label. Whoever reads one sentence of a pair only is right one time in three.
"""

from collections.abc import Callable
from typing import NamedTuple

from tandem.text.made.draws import Draws
from tandem.text.made.entailment import label, labels
from tandem.text.made.grammar import Sentence
from tandem.text.made.neighbours import near

TRIES = 100

Fits = Callable[[Sentence], bool]


class Pair(NamedTuple):
    """A premise, a hypothesis, and what the first says about the second."""

    premise: Sentence
    hypothesis: Sentence
    label: str


class Sides(NamedTuple):
    """A premise for a thesis and one against it."""

    entailment: Sentence
    contradiction: Sentence


def dozen(first: Sentence, draws: Draws, *, premise_fits: Fits, hypothesis_fits: Fits) -> list[Pair]:
    """Twelve pairs about `first` and a thesis near it; none where a hundred tries find no sentences that fit."""
    if not _stands(first, hypothesis_fits):
        return []
    sides = _sides(first, draws, fits=premise_fits)
    second = sides and _open_thesis(first, sides, draws, fits=hypothesis_fits)
    if not sides or not second:
        return []
    others = _sides(second, draws, fits=lambda premise: label(premise, first) == "neutral" and premise_fits(premise))
    return [*_six(first, sides, second), *_six(second, others, first)] if others else []


def _six(thesis: Sentence, sides: Sides, open_thesis: Sentence) -> list[Pair]:
    denial = thesis.denial()
    return [
        Pair(sides.entailment, thesis, "entailment"), Pair(sides.contradiction, thesis, "contradiction"),
        Pair(sides.entailment, denial, "contradiction"), Pair(sides.contradiction, denial, "entailment"),
        Pair(sides.entailment, open_thesis, "neutral"), Pair(sides.contradiction, open_thesis.denial(), "neutral"),
    ]  # fmt: skip


def _stands(thesis: Sentence, fits: Fits) -> bool:
    return fits(thesis) and fits(thesis.denial())


def _open_thesis(first: Sentence, sides: Sides, draws: Draws, *, fits: Fits) -> Sentence | None:
    """A thesis near the first one, about which neither side says anything."""
    for _ in range(TRIES):
        second = near(first, draws)
        if _stands(second, fits) and all(label(premise, second) == "neutral" for premise in sides):
            return second
    return None


def _sides(thesis: Sentence, draws: Draws, *, fits: Fits) -> Sides | None:
    """Premises near the thesis, other than itself and its denial."""
    trivial = (thesis, thesis.denial())
    found: dict[str, Sentence] = {}
    for _ in range(TRIES):
        content = near(thesis, draws)
        said = labels(content, thesis)
        for wanted in [side for side in Sides._fields if side not in found]:
            premises = (
                content._replace(quantifier=words)
                for words in content.quantifiers()
                if said[words, thesis.quantifier] == wanted
            )
            fitting = [premise for premise in premises if premise not in trivial and fits(premise)]
            if fitting:
                found[wanted] = draws.pick(fitting)
        if len(found) == len(Sides._fields):
            return Sides(**found)
    return None
