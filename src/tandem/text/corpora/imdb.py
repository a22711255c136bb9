"""Film reviews."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class Imdb(Corpus):
    """Long reviews, half of them in favour; the 50,000 without a judgement are not read.

    `limit` takes the first so many training rows.
    """

    title = "IMDB, large movie reviews"
    licence = "not stated; the reviews are their authors'"
    citation = "Maas, Daly, Pham, Huang, Ng and Potts 2011, Learning word vectors for sentiment analysis"
    source = "hub"
    identifier = "stanfordnlp/imdb"
    rows = {"train": 25_000, "test": 25_000}
    kind = "label"
    table = PublicTable(identifier, Columns("text", label="label", labels=("neg", "pos")), config="plain_text")

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
