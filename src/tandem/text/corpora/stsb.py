"""Pairs of sentences and how similar they are."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class Stsb(Corpus):
    """Captions, headlines and forum posts, and how alike two of them are, from 0 to 1.

    `limit` takes the first so many training rows.
    """

    title = "STS benchmark"
    licence = "not stated; from the SemEval shared tasks of 2012 to 2017"
    citation = "Cer, Diab, Agirre, Lopez-Gazpio and Specia 2017, SemEval-2017 task 1: semantic textual similarity"
    source = "hub"
    identifier = "sentence-transformers/stsb"
    rows = {"train": 5_749, "validation": 1_500, "test": 1_379}
    kind = "score"
    table = PublicTable(identifier, Columns("sentence1", second="sentence2", score="score"))

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
