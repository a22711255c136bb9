"""Parts of speech in texts from the web."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable

PARTS_OF_SPEECH = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip


class UdEnglishEwt(Corpus):
    """Sentences of blogs, mails, reviews, answers and newsgroups with the part of speech of each word.

    `limit` takes the first so many training rows.
    """

    title = "Universal Dependencies, English Web Treebank"
    licence = "CC BY-SA 4.0"
    citation = "Silveira, Dozat, de Marneffe, Bowman and others 2014, A gold standard dependency corpus for English"
    source = "hub"
    identifier = "universal-dependencies/universal_dependencies"
    rows = {"train": 12_544, "validation": 2_001, "test": 2_077}
    kind = "tags"
    # The branch of conversions may still hold the 2.7 release, whose tags are numbers; `main` has words.
    table = PublicTable(
        identifier, Columns("tokens", tags="upos", labels=PARTS_OF_SPEECH), config="en_ewt", revision="main",
        folder="parquet/en_ewt", names={"dev": "validation"},
    )  # fmt: skip

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
