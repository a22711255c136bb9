"""Names in tagged text: where they are, and how many of them are found."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

OUTSIDE = "O"
TAG = re.compile(r"([BI])-(.+)", re.DOTALL)


class Span(NamedTuple):
    """Words from `start` to before `end` that are one name of a type."""

    type: str
    start: int
    end: int


@dataclass(frozen=True)
class SpanScore:
    """How many spans there are, how many were said, and how many of these are right: type, beginning and end."""

    gold: int
    predicted: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was said that is right; 0 where nothing was said."""
        return self.right / max(1, self.predicted)

    @property
    def recall(self) -> float:
        """The share of what there is that was said; 0 where there is nothing."""
        return self.right / max(1, self.gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 where nothing is right."""
        return 2 * self.right / max(1, self.gold + self.predicted)


def marks_spans(labels: Iterable[str]) -> bool:
    """Whether a set of tags is `O`, `B-X` and `I-X`, with at least one that is not `O`.

    >>> marks_spans(["O", "B-PER", "I-PER"]), marks_spans(["NOUN", "O"])
    (True, False)
    """
    inside = [label for label in labels if label != OUTSIDE]
    return bool(inside) and all(map(TAG.fullmatch, inside))


def spans(tags: Iterable[str]) -> list[Span]:
    """The spans that `tags`, one for each word, mark.

    As conlleval reads them: `B-X` begins a span, and so does an `I-X` that follows no tag of its type. That is right
    for both notations of CoNLL-2003: the one where every span begins with `B-`, and the older one (IOB1), where only a
    span right behind another of its type does.

    >>> spans(["I-PER", "I-PER", "B-PER", "O", "B-LOC", "I-PER"])[:2]
    [Span(type='PER', start=0, end=2), Span(type='PER', start=2, end=3)]
    """
    found: list[Span] = []
    open_type, start = "", 0
    for place, tag in enumerate([*tags, OUTSIDE]):
        mark, type_ = _parts(tag)
        if open_type and (mark != "I" or type_ != open_type):
            found.append(Span(open_type, start, place))
            open_type = ""
        if mark != OUTSIDE and not open_type:
            open_type, start = type_, place
    return found


def span_scores(
    gold: Sequence[str], predicted: Sequence[str], sentences: Sequence[int] | None = None
) -> dict[str, SpanScore]:
    """The scores of each type, in alphabetical order, for tags of the same words.

    `sentences` numbers the sentence of each word; no span goes over the end of one. None stands for a single one.

    Raises:
        ValueError: not as many tags were said as there are.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} tags, and {len(predicted)} were said")
    numbers = [0] * len(gold) if sentences is None else sentences
    there, said = (set(spans(_apart(tags, numbers))) for tags in (gold, predicted))
    golds, saids, rights = (Counter(span.type for span in found) for found in (there, said, there & said))
    return {type_: SpanScore(golds[type_], saids[type_], rights[type_]) for type_ in sorted({*golds, *saids})}


def total(scores: Iterable[SpanScore]) -> SpanScore:
    """All together: the micro average, which is what conlleval calls overall."""
    counted = [(score.gold, score.predicted, score.right) for score in scores]
    return SpanScore(*(sum(column) for column in zip(*counted, strict=True))) if counted else SpanScore(0, 0, 0)


def _apart(tags: Sequence[str], sentences: Sequence[int]) -> Iterator[str]:
    """The tags, with a word outside of all spans between two sentences."""
    before = None
    for tag, sentence in zip(tags, sentences, strict=True):
        if before is not None and sentence != before:
            yield OUTSIDE
        yield tag
        before = sentence


def _parts(tag: str) -> tuple[str, str]:
    found = TAG.fullmatch(tag)
    return (found[1], found[2]) if found else (OUTSIDE, "")
