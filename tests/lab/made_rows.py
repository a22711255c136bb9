"""Corpora made for a test: a few rows, and what is wrong with them is known."""

from collections.abc import Iterator, Sequence
from typing import Any

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError
from tandem.lab.corpora import Opened
from tandem.lab.data_checks.finding import Finding, Rows, read_rows
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.splits import SPLITS

Row = Any
"""A text; or text and target; or text, second text and target."""


class Made(Corpus):
    """A corpus of the rows given."""

    title = "Made for a test"
    licence = "none"
    citation = "none"
    source = "made"

    def __init__(
        self, kind: CorpusKind, splits: dict[str, Sequence[Row]], labels: tuple[str, ...] = (), refusal: str = ""
    ) -> None:
        self.kind, self.splits, self.names, self.refusal = kind, splits, labels, refusal

    def fingerprint(self) -> str:
        return repr(self.splits)

    def examples(self, split: str) -> Iterator[Example]:
        for number, row in enumerate(self.splits.get(split, ())):
            yield _example(row, f"{split}-{number}")

    def labels(self) -> tuple[str, ...]:
        if self.refusal:
            raise DataError(self.refusal)
        return self.names


def opened(kind: CorpusKind, **splits: Sequence[Row]) -> Opened:
    """The corpus as the lab opens one."""
    return Opened("made", {}, Made(kind, splits))


def rows_of(kind: CorpusKind, *, labels: tuple[str, ...] = (), refusal: str = "", **splits: Sequence[Row]) -> Rows:
    """The rows as the checks see them."""
    return read_rows(Made(kind, splits, labels, refusal), SPLITS, most=1000)


def counts(findings: list[Finding]) -> dict[str, int]:
    """How many each check found; a check that found two things is listed with its title."""
    names = [finding.check for finding in findings]
    return {finding.check if names.count(finding.check) == 1 else finding.title: finding.count for finding in findings}


def _example(row: Row, document: str) -> Example:
    match row:
        case str():
            return Example(row, document)
        case (text, target):
            return Example(text, document, None, target)
        case (text, second, target):
            return Example(text, document, second, target)
    raise AssertionError(row)
