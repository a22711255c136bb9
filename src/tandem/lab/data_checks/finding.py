"""What is checked, and what is found in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example

SHOWN, SHOWN_CHARACTERS = 3, 1000
MOST_CHARACTERS = 2**26
"""Of a split so many characters are read: they and their sketches fit into memory beside a baseline."""

Place = tuple[str, int]
"""A split and the number of a row in it, from 0."""


@dataclass(frozen=True)
class Rows:
    """The examples of each split in their order; of the splits named in `cut` there are more than these.

    `labels` are the classes or tags that the corpus states; `refusal` says why it cannot state any. `without_text`
    names the places of rows that are no examples, as they hold no text.
    """

    kind: CorpusKind
    labels: tuple[str, ...]
    splits: dict[str, list[Example]]
    cut: tuple[str, ...] = ()
    refusal: str = ""
    without_text: dict[str, list[str]] = field(default_factory=dict)

    @property
    def held_out(self) -> list[str]:
        """The splits that are not trained on and have examples."""
        return [split for split, examples in self.splits.items() if split != "train" and examples]

    def each(self) -> Iterable[tuple[Place, Example]]:
        """Every example with its place."""
        for split, examples in self.splits.items():
            for row, example in enumerate(examples):
                yield (split, row), example


@dataclass(frozen=True)
class Shown:
    """A row that shows what is meant, the first 1,000 characters of it, and what is to be seen there.

    `row` is None where the row is no example.
    """

    split: str
    row: int | None
    document: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that a person should know before training: how often, where, and what to do.

    `count` is in the unit that `title` names, as is `total`, of which it is a part; None where it is part of nothing.
    `more` holds what one line more can say.
    """

    check: str
    title: str
    count: int
    total: int | None
    advice: str
    shown: tuple[Shown, ...] = ()
    more: str = ""


def read_rows(corpus: Corpus, splits: Iterable[str], *, most: int) -> Rows:
    """The first `most` examples of each split, and at most 67 million characters of each.

    Raises:
        DataError: the corpus cannot be read.
    """
    read: dict[str, list[Example]] = {}
    cut = []
    for split in splits:
        rows = read[split] = []
        characters = 0
        for example in corpus.examples(split):
            if len(rows) == most or characters > MOST_CHARACTERS:
                cut.append(split)
                break
            rows.append(example)
            characters += len(example.text) + len(example.second or "")
    without_text = {split: list(islice(corpus.without_text(split), most)) for split in read}
    try:
        return Rows(corpus.kind, corpus.labels(), read, tuple(cut), without_text=without_text)
    except DataError as error:
        return Rows(corpus.kind, (), read, tuple(cut), refusal=str(error), without_text=without_text)


def found(
    rows: Rows, check: str, title: str, places: Mapping[Place, str], *, total: int | None, advice: str
) -> list[Finding]:
    """The finding of these `places`, each with a note, the first three of them shown; none without places."""
    if not places:
        return []
    shown = tuple(show(rows, place, note) for place, note in islice(places.items(), SHOWN))
    return [Finding(check, title, len(places), total, advice, shown)]


def show(rows: Rows, place: Place, note: str) -> Shown:
    """The row at `place` with a `note`."""
    split, row = place
    example = rows.splits[split][row]
    text = example.text if example.second is None else f"{example.text} ‖ {example.second}"
    return Shown(split, row, example.document, text[:SHOWN_CHARACTERS], note)
