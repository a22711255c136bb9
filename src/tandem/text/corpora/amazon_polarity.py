"""Short Amazon reviews, the corpus of the founding notebook."""

from collections.abc import Iterator

from tandem.text import hub
from tandem.text.corpora.base import SPLITS, Corpus
from tandem.text.example import Example

IDENTIFIER = "Siki-77/amazon6_polarity"


class AmazonPolarity(Corpus):
    """Reviews from column `context`; an example and a document are one review.

    `limit` takes the first so many rows of the data set's train split. Of every twenty of these, one validates;
    the data set's test split tests. The full data set has 249,624 and 207,317 rows.
    """

    title = "Amazon Polarity, six categories"
    licence = "as the Amazon review data (McAuley and Leskovec 2013): research use"
    citation = "Zhang, Zhao and LeCun 2015, Character-level convolutional networks for text classification"
    source = "hub"

    def __init__(self, *, limit: int | None = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return hub.identity(IDENTIFIER)

    def examples(self, split: str) -> Iterator[Example]:
        stored = "test" if split == "test" else "train"
        for index, row in enumerate(hub.rows(IDENTIFIER, stored)):
            if stored == "train" and index == self.limit:
                return
            kept = split == "test" or (split == SPLITS[1]) == (index % 20 == 19)
            if kept and (text := (row["context"] or "").strip()):
                yield Example(text, f"{stored}-{index}")
