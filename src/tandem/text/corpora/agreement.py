"""Sentences whose verb agrees with its subject in number, and the same sentences where it does not."""

from collections.abc import Iterator

from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.grammar import text
from tandem.text.made.order import numbered
from tandem.text.made.splits import checked_rows


class Agreement(Corpus):
    """Good: "Every dog that swims is wet." Bad: "Every dog that swims are wet." They differ in the number of one verb.

    `rows` sentences train; validation and test have a tenth each. No sentence comes twice.
    """

    title = "Agreement of subject and verb in a made language"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "contrast"

    def __init__(self, *, rows: int = 10_000) -> None:
        self.train_rows = checked_rows("agreement", rows, most=100_000)

    def fingerprint(self) -> str:
        return "agreement-1"

    def examples(self, split: str) -> Iterator[Example]:
        for number, sentence in numbered(split, rows=self.train_rows):
            yield Example(text(sentence), f"agreement-{number}", text(sentence, agrees=False))
