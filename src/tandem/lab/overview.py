"""A corpus at a glance: how much, which classes, how long, and a few examples."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from tandem.core.errors import DataError
from tandem.lab.corpora import Opened, place_of
from tandem.text.example import Example
from tandem.text.splits import SPLITS

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
EXAMPLES = 3


@dataclass
class SplitSummary:
    """A split in numbers: how many rows, how many of each class or tag, which scores, and how many have which length.

    A length is that of both texts of a pair. `missing` rows have no target.
    """

    rows: int = 0
    missing: int = 0
    targets: Counter[str] = field(default_factory=Counter)
    scores: list[float] = field(default_factory=list)
    words: Counter[int] = field(default_factory=Counter)
    characters: Counter[int] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def add(self, example: Example) -> None:
        """Counts one more example."""
        texts = [example.text] if example.second is None else [example.text, example.second]
        self.rows += 1
        self.words[sum(len(text.split()) for text in texts)] += 1
        self.characters[sum(map(len, texts))] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)
        match example.target:
            case None:
                self.missing += 1
            case str() as name:
                self.targets[name] += 1
            case tuple() as tags:
                self.targets.update(tags)
            case score:
                self.scores.append(score)


@dataclass(frozen=True)
class Overview:
    """A corpus in numbers; `classes` are its classes or tags in the order of their numbers."""

    opened: Opened
    place: str
    classes: tuple[str, ...]
    splits: dict[str, SplitSummary]


def overview(opened: Opened, *, say: Callable[[str], None] = lambda _: None) -> Overview:
    """Reads all of a corpus once; `say` is told what is being read.

    Raises:
        DataError: the corpus cannot be read, is empty, or has a column of classes that could not be learnt.
    """
    corpus = opened.corpus
    say("reading the classes")
    classes = corpus.labels()
    splits = {}
    for split in SPLITS:
        say(f"reading {split}")
        splits[split] = _summary(corpus.examples(split))
    if not any(summary.rows for summary in splits.values()):
        raise DataError(f"corpus {opened.name}: no text to show")
    return Overview(opened, place_of(corpus), classes, splits)


def quantiles(lengths: Counter[int]) -> list[int]:
    """The lengths that 5, 25, 50, 75, 95 and 100 % of the examples do not exceed; none of no examples."""
    if not lengths:
        return []
    found = sorted(lengths)
    shares = np.cumsum([lengths[length] for length in found]) / lengths.total()
    return [found[place] for place in np.searchsorted(shares, SHARES)]


def _summary(examples: Iterable[Example]) -> SplitSummary:
    summary = SplitSummary()
    for example in examples:
        summary.add(example)
    return summary
