"""Sentences that talk about nearly the same: most words stay, some become wider or narrower, some change."""

from collections.abc import Sequence
from functools import cache

from tandem.text.made.draws import Draws
from tandem.text.made.entailment import is_open
from tandem.text.made.grammar import Sentence
from tandem.text.made.lexicon import ABOVE, ACTIONS, ADVERBS, OPPOSITE, STATES, Property, WordClass, below
from tandem.text.made.quantifiers import FRAMES


def near(sentence: Sentence, draws: Draws) -> Sentence:
    """A sentence with a subject and a predicate near those of `sentence`, under any quantifier."""
    while True:
        quantifier, negated = draws.pick(FRAMES)
        noun = _near_word("noun", sentence.noun, draws)
        found = Sentence(
            quantifier, noun, _near_modifier(sentence, draws), _near_predicate(sentence.predicate, draws), negated
        )
        if found.is_natural() and is_open(found):
            return found


def _near_word(kind: WordClass, word: str, draws: Draws) -> str:
    return draws.pick(draws.pick(_directions(kind, word)))


@cache
def _directions(kind: WordClass, word: str) -> tuple[Sequence[str], ...]:
    """Where a word moves, each with one chance in seven: four times nowhere, up, down, or away."""
    opposite = next((OPPOSITE[above] for above in ABOVE[kind][word] if above in OPPOSITE), None)
    away = below(kind, opposite) if kind == "adjective" and opposite else tuple(ABOVE[kind])
    return (word,), (word,), (word,), (word,), ABOVE[kind][word], below(kind, word), away


def _near_modifier(sentence: Sentence, draws: Draws) -> Property | None:
    stays, new = sentence.modifier, draws.pick(draws.pick((STATES, ACTIONS)))
    return draws.pick((stays, stays, stays, None, new))


def _near_predicate(predicate: Property, draws: Draws) -> Property:
    word = _near_word(predicate.kind, predicate.word, draws)
    if predicate.kind == "adjective":
        return Property("adjective", word)
    stays, new = predicate.adverb, draws.pick(ADVERBS)
    return Property("verb", word, draws.pick((stays, stays, None, new)))
