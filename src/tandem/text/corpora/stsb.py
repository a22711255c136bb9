"""Pairs of sentences and how similar they are."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable
from tandem.text.plain import PLAIN, plain


class Stsb(Corpus):
    """Captions, headlines and forum posts, and how alike two of them are, from 0 to 1.

    `limit` takes the first so many training rows; `normalise` reads plain words in lower case, as `snli` does by
    default.
    """

    title = "STS benchmark"
    licence = "not stated; from the SemEval shared tasks of 2012 to 2017"
    citation = "Cer, Diab, Agirre, Lopez-Gazpio and Specia 2017, SemEval-2017 task 1: semantic textual similarity"
    source = "hub"
    identifier = "sentence-transformers/stsb"
    rows = {"train": 5_749, "validation": 1_500, "test": 1_379}
    kind = "score"
    table = PublicTable(identifier, Columns("sentence1", second="sentence2", score="score"))

    def __init__(self, *, limit: Limit = None, normalise: bool = False) -> None:
        self.limit, self.normalise = limit, normalise

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        examples = self.table.examples(split, limit=self.limit)
        return map(plain, examples) if self.normalise else examples

    def notes(self) -> list[str]:
        return [*super().notes(), *([PLAIN] if self.normalise else [])]
