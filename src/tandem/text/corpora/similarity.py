"""Pairs of sentences of a small made language, and how much they have in common."""

from collections.abc import Iterator

from tandem.core.seeds import derive
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.draws import Draws
from tandem.text.made.grammar import Sentence, text
from tandem.text.made.lexicon import Property, implied
from tandem.text.made.neighbours import near
from tandem.text.made.order import numbered
from tandem.text.made.splits import SEED, checked_rows

STEPS = (1, 1, 2, 3, 4)


class Similarity(Corpus):
    """A score from 0 to 5, and never quite 5: "All poodles swim." and "All dogs swim." have 4.5.

    One point each for the same quantifier and negation, noun, modifier, predicate, and adverb; half a point where one
    word is above the other in the lexicon, as dog is above poodle. `rows` pairs train; validation and test have a tenth
    each. No first sentence comes twice.
    """

    title = "Similarity in a made language"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "score"

    def __init__(self, *, rows: int = 10_000) -> None:
        self.train_rows = checked_rows("similarity", rows, most=100_000)

    def fingerprint(self) -> str:
        return "similarity-1"

    def examples(self, split: str) -> Iterator[Example]:
        key = derive(SEED, "similarity")
        for number, sentence in numbered(split, rows=self.train_rows):
            other = _another(sentence, Draws(key, number))
            yield Example(text(sentence), f"similarity-{number}", text(other), likeness(sentence, other))


def likeness(one: Sentence, other: Sentence) -> float:
    """From 0 to 5 points for what two sentences have in common."""
    return (
        float((one.quantifier, one.negated) == (other.quantifier, other.negated))
        + _closeness(Property("noun", one.noun), Property("noun", other.noun))
        + _closeness(one.modifier, other.modifier)
        + _closeness(one.predicate._replace(adverb=None), other.predicate._replace(adverb=None))
        + float(one.predicate.adverb == other.predicate.adverb)
    )


def _another(sentence: Sentence, draws: Draws) -> Sentence:
    """A different sentence a few steps away, which keeps the quantifier every other time."""
    other = sentence
    while other == sentence:
        for _ in range(draws.pick(STEPS)):
            other = near(other, draws)
        if draws.pick((True, False)):
            other = other._replace(quantifier=sentence.quantifier, negated=sentence.negated)
    return other


def _closeness(one: Property | None, other: Property | None) -> float:
    if one == other:
        return 1.0
    return 0.5 if one and other and (one in implied(other) or other in implied(one)) else 0.0
