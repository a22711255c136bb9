"""Inference and relatedness between simple sentences."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from tandem.core.choices import CorpusKind
from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable
from tandem.text.plain import PLAIN, plain


class Sick(Corpus):
    """Two sentences made from captions by regular changes; one follows from the other, contradicts it, or does neither.

    `target` is that `label`, or the `relatedness` of the two from 1 to 5. `limit` takes the first so many training
    rows; `normalise` reads plain words in lower case, as `snli` does by default.
    """

    title = "Sentences Involving Compositional Knowledge"
    licence = "CC BY-NC-SA 3.0"
    citation = (
        "Marelli, Menini, Baroni, Bentivogli, Bernardi and Zamparelli 2014, A SICK cure for the evaluation of CDSMs"
    )
    source = "hub"
    identifier = "RobZamp/sick"
    rows = {"train": 4_439, "validation": 495, "test": 4_906}
    kind: CorpusKind = "pair"
    table = PublicTable(
        identifier,
        Columns("sentence_A", second="sentence_B", label="label", labels=("entailment", "neutral", "contradiction")),
    )

    def __init__(
        self,
        *,
        target: Literal["label", "relatedness"] = "label",
        limit: Limit = None,
        normalise: bool = False,
    ) -> None:
        if target == "relatedness":
            self.kind = "score"
            columns = Columns("sentence_A", second="sentence_B", score="relatedness_score")
            self.table = replace(self.table, columns=columns)
        self.limit, self.normalise = limit, normalise

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        examples = self.table.examples(split, limit=self.limit)
        return map(plain, examples) if self.normalise else examples

    def notes(self) -> list[str]:
        return [*super().notes(), *([PLAIN] if self.normalise else [])]
