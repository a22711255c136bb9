"""News in four sections."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class AgNews(Corpus):
    """Headlines with the beginning of the article, and their section; `limit` takes the first so many training rows."""

    title = "AG News"
    licence = "not stated; non-commercial use, says the collector of the news"
    citation = "Zhang, Zhao and LeCun 2015, Character-level convolutional networks for text classification"
    source = "hub"
    identifier = "fancyzhx/ag_news"
    rows = {"train": 120_000, "test": 7_600}
    kind = "label"
    table = PublicTable(identifier, Columns("text", label="label", labels=("World", "Sports", "Business", "Sci/Tech")))

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
