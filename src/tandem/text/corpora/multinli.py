"""Inference between sentences of ten genres."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable
from tandem.text.plain import PLAIN, plain


class Multinli(Corpus):
    """A sentence of speech or writing, and one that follows from it, contradicts it, or does neither.

    The published test labels are secret, so a validation split tests: `test` is `matched`, the genres of the training
    pairs, or `mismatched`, five others. `limit` takes the first so many training rows; `normalise` reads plain words in
    lower case, as `snli` does by default.
    """

    title = "Multi-genre Natural Language Inference"
    licence = "OANC licence, CC BY 3.0 and CC BY-SA 3.0, by genre"
    citation = "Williams, Nangia and Bowman 2018, A broad-coverage challenge corpus for sentence understanding"
    source = "hub"
    identifier = "nyu-mll/multi_nli"
    rows = {"train": 392_702, "validation_matched": 9_815, "validation_mismatched": 9_832}
    kind = "pair"
    table = PublicTable(
        identifier,
        Columns("premise", second="hypothesis", label="label", labels=("entailment", "neutral", "contradiction")),
    )

    def __init__(
        self, *, test: Literal["matched", "mismatched"] = "matched", limit: Limit = None, normalise: bool = False
    ) -> None:
        self.table = replace(self.table, names={f"validation_{test}": "validation"})
        self.limit, self.normalise = limit, normalise

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        examples = self.table.examples(split, limit=self.limit)
        return map(plain, examples) if self.normalise else examples

    def notes(self) -> list[str]:
        return [*super().notes(), *([PLAIN] if self.normalise else [])]
