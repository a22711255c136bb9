"""Short Amazon reviews, the corpus of the founding notebook."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class AmazonPolarity(Corpus):
    """Reviews of six categories with the reviewer's judgement; `limit` takes the first so many training rows."""

    title = "Amazon Polarity, six categories"
    licence = "as the Amazon review data (McAuley and Leskovec 2013): research use"
    citation = "Zhang, Zhao and LeCun 2015, Character-level convolutional networks for text classification"
    source = "hub"
    identifier = "Siki-77/amazon6_polarity"
    rows = {"train": 249_624, "test": 207_317}
    kind = "label"
    table = PublicTable(identifier, Columns("context", label="feeling", labels=("negative", "positive")))

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
