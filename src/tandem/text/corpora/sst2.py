"""Sentences of film reviews."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class Sst2(Corpus):
    """Whole sentences (no phrases), split into words and in lower case, for or against.

    `limit` takes the first so many training rows.
    """

    title = "Stanford Sentiment Treebank, two classes"
    licence = "not stated; sentences from Rotten Tomatoes"
    citation = (
        "Socher, Perelygin, Wu, Chuang, Manning, Ng and Potts 2013, Recursive deep models for semantic compositionality"
    )
    source = "hub"
    identifier = "SetFit/sst2"
    rows = {"train": 6_920, "validation": 872, "test": 1_821}
    kind = "label"
    table = PublicTable(identifier, Columns("text", label="label", labels=("negative", "positive")))

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
