"""A corpus in memory that counts how often it is read."""

from collections.abc import Iterator

from tandem.core.choices import CorpusKind
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example

SMALL = {
    "train": {
        "b": ['The wind blows. "We wait." Mr. Adams waits.', "After spring comes summer. We wait!"],
        "a": ["Summer wind? Yes. The summer wind blows."],
    },
    "validation": {"c": ["The spring wind blows. We wait."]},
    "test": {"d": ["The winter wind."], "e": ["Unseen: ΞΞ. The wind."]},
}


class Shelf(Corpus):
    """Splits of documents of paragraphs; reading the train split fails after `fails_after` examples."""

    title, licence, citation, source = "A shelf", "none", "none", "made"
    kind: CorpusKind = "text"

    def __init__(self, splits: dict[str, dict[str, list[str]]], *, fails_after: int | None = None) -> None:
        self.splits, self.fails_after, self.readings = splits, fails_after, 0

    def fingerprint(self) -> str:
        return repr(self.splits)

    def examples(self, split: str) -> Iterator[Example]:
        self.readings += 1
        for document, paragraphs in self.splits.get(split, {}).items():
            for number, paragraph in enumerate(paragraphs):
                if number == self.fails_after:
                    raise RuntimeError("the shelf broke")
                yield Example(paragraph, document)


class Cards(Corpus):
    """Splits of single examples of any kind."""

    title, licence, citation, source = "Cards", "none", "none", "made"

    def __init__(self, kind: CorpusKind, splits: dict[str, list[Example]], names: tuple[str, ...] = ()) -> None:
        self.kind, self.splits, self.names = kind, splits, names

    def fingerprint(self) -> str:
        return repr((self.kind, self.splits))

    def examples(self, split: str) -> Iterator[Example]:
        yield from self.splits.get(split, [])

    def labels(self) -> tuple[str, ...]:
        return self.names
