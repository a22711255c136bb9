"""Which words an answer rests on: each is left out in turn, and what becomes of the likeliest class is measured.

Source: Li, Monroe and Jurafsky 2016, Understanding neural networks through representation erasure. Here a whole word
goes, and the words around it move together, so that any classifier can be asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tandem.core.errors import UsageError
from tandem.lab.classify import classify
from tandem.lab.folder import OpenRun
from tandem.lab.nli import inferring
from tandem.lab.pair_answers import told_of_pairs
from tandem.lab.scoring.words import Span, word_spans
from tandem.lab.text_pairs import TextPair
from tandem.lab.texts import Placed

MOST_WORDS = 128
AT_ONCE = 32
"""So many pairs without a word are read together: 32 of 256 tokens each take less than 20 ms in a small model."""


@dataclass(frozen=True)
class WordInfluence:
    """A word at (start, end) characters, and how much likelier the class is with it: from -1 to 1."""

    text: str
    span: Span
    influence: float


def class_influences(run: OpenRun, text: str) -> list[WordInfluence]:
    """For each word of `text`, by how much the probability of the likeliest class falls when the word is left out.

    A text of which nothing is left has every class with the same probability.

    Raises:
        UsageError: the run tells no classes of texts, or there are too many words. DataError: the text is not Unicode.
    """

    def told(texts: Sequence[str]) -> list[Sequence[float] | None]:
        return [one.probabilities for one in classify(run, [Placed("the text", each) for each in texts])]

    return _influences(text, told)


def pair_influences(run: OpenRun, pair: TextPair) -> tuple[list[WordInfluence], list[WordInfluence]]:
    """The same for the words of both texts of a pair, each left out of its own text.

    Raises:
        UsageError: the run tells no classes of pairs, or there are too many words. DataError: no word is read.
    """
    first, second = (
        _influences(text, lambda texts, side=side: _told(run, [pair._replace(**{side: each}) for each in texts]))  # type: ignore[misc]
        for side, text in (("first", pair.first), ("second", pair.second))
    )
    return first, second


def _told(run: OpenRun, pairs: Sequence[TextPair]) -> list[Sequence[float] | None]:
    """What is said about each pair; None where the tokenizer reads nothing of a text."""
    objective = inferring(run)
    found: list[Sequence[float] | None] = [None] * len(pairs)
    heard = [n for n, pair in enumerate(pairs) if all(objective.tokenizer.encode(text) for text in pair[1:])]
    for start in range(0, len(heard), AT_ONCE):
        some = heard[start : start + AT_ONCE]
        probabilities, _ = told_of_pairs(run.model, objective, [pairs[number] for number in some])
        for number, row in zip(some, probabilities.tolist(), strict=True):
            found[number] = row
    return found


def _influences(text: str, told: Callable[[Sequence[str]], list[Sequence[float] | None]]) -> list[WordInfluence]:
    places = word_spans(text)
    if len(places) > MOST_WORDS:
        raise UsageError(f"{len(places)} words: at most {MOST_WORDS} can be left out in turn; shorten the text")
    whole, *others = told([text, *(f"{text[:start].rstrip()} {text[end:].lstrip()}".strip() for start, end in places)])
    if whole is None:
        return []
    best = max(range(len(whole)), key=whole.__getitem__)
    left = [1 / len(whole) if one is None else one[best] for one in others]
    return [
        WordInfluence(text[slice(*place)], place, whole[best] - probability)
        for place, probability in zip(places, left, strict=True)
    ]
