"""Inference between captions of photographs."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable
from tandem.text.plain import PLAIN, plain


class Snli(Corpus):
    """A caption, and a sentence that follows from it, contradicts it, or does neither.

    `limit` takes the first so many training rows. `normalise` reads plain words in lower case: copies of the data set
    differ in case and punctuation, even between their own splits. Pairs on which the annotators did not agree have no
    target.
    """

    title = "Stanford Natural Language Inference"
    licence = "CC BY-SA 4.0"
    citation = (
        "Bowman, Angeli, Potts and Manning 2015, A large annotated corpus for learning natural language inference"
    )
    source = "hub"
    identifier = "stanfordnlp/snli"
    rows = {"train": 550_152, "validation": 10_000, "test": 10_000}
    kind = "pair"
    table = PublicTable(
        identifier,
        Columns("premise", second="hypothesis", label="label", labels=("entailment", "neutral", "contradiction")),
        config="plain_text",
    )

    def __init__(self, *, limit: Limit = None, normalise: bool = True) -> None:
        self.limit, self.normalise = limit, normalise

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        examples = self.table.examples(split, limit=self.limit)
        return map(plain, examples) if self.normalise else examples

    def notes(self) -> list[str]:
        return [*super().notes(), *([PLAIN] if self.normalise else [])]
