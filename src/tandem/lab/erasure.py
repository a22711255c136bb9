"""Which words an answer rests on: each is left out in turn, and what becomes of the likeliest class is measured.

Source: Li, Monroe and Jurafsky 2016, Understanding neural networks through representation erasure. Here a whole word
goes, and the words around it move together, so that any classifier can be asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tandem.core.errors import DataError, UsageError
from tandem.lab.classify import classify
from tandem.lab.folder import OpenRun
from tandem.lab.nli import inferring
from tandem.lab.pair_answers import told_of_pairs
from tandem.lab.scoring.words import Span, word_spans
from tandem.lab.text_pairs import TextPair
from tandem.lab.texts import Placed

MOST_WORDS = 128
MOST_PAIRS = 512
"""So many pairs of texts are read to tell which words matter together: 22 words with 21, or 31 with 15."""
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


@dataclass(frozen=True)
class Interactions:
    """The words of two texts, and how much each of the first (rows) and each of the second matter together."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    matrix: list[list[float]]


def pair_interactions(run: OpenRun, pair: TextPair) -> Interactions:
    """How much more word i of one text matters to the likeliest class because word j of the other is there.

        interaction[i, j] = p(both) - p(without i) - p(without j) + p(without i and j)

    p is the probability of the class that is likeliest for the whole pair: the numbers lie between -2 and 2, and 0 says
    that i matters as much without j. It asks about answers alone, so it is the same measure for models that read the
    texts apart and for those that read them in one row. Source: Grabisch and Roubens 1999, the interaction of two
    players, here while all other words are there (Tsang, Rambhatla and Liu 2020, Archipelago).

    Raises:
        UsageError: the run tells no classes of pairs, or there are too many words. DataError: no word is read.
    """
    spans = [word_spans(text) for text in pair[1:]]
    firsts, seconds = ([text, *_without_each(text, found)] for text, found in zip(pair[1:], spans, strict=True))
    if (count := len(firsts) * len(seconds)) > MOST_PAIRS:
        raise UsageError(
            f"{count} pairs of texts would have to be read, with each word of both left out, and at most {MOST_PAIRS} "
            "are; shorten the texts"
        )
    told = _told(run, [pair._replace(first=one, second=other) for one in firsts for other in seconds])
    if told[0] is None:
        raise DataError("the tokenizer reads nothing of one of the texts; write another word")
    shares = np.array(_of_best(told[0], told)).reshape(len(firsts), len(seconds))
    matrix = shares[:1, :1] - shares[1:, :1] - shares[:1, 1:] + shares[1:, 1:]
    words = [tuple(text[slice(*span)] for span in found) for text, found in zip(pair[1:], spans, strict=True)]
    return Interactions(words[0], words[1], matrix.tolist())


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
    told_of = told([text, *_without_each(text, places)])
    if told_of[0] is None:
        return []
    whole, *others = _of_best(told_of[0], told_of)
    return [
        WordInfluence(text[slice(*place)], place, whole - probability)
        for place, probability in zip(places, others, strict=True)
    ]


def _without_each(text: str, places: Sequence[Span]) -> list[str]:
    """The text without each of the words at `places`."""
    return [f"{text[:start].rstrip()} {text[end:].lstrip()}".strip() for start, end in places]


def _of_best(whole: Sequence[float], told: Sequence[Sequence[float] | None]) -> list[float]:
    """The probability of the likeliest class of `whole` in each answer; where nothing is left to read, 1 / K."""
    best = max(range(len(whole)), key=whole.__getitem__)
    return [1 / len(whole) if one is None else one[best] for one in told]
