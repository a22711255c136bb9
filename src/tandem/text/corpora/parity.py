"""Whether a sequence of zeros and ones has an even number of ones."""

from collections.abc import Iterator

from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.sequences import Sequences

LABELS = ("even", "odd")


class Parity(Corpus):
    """`1 0 1 1` is odd: `shortest` to `longest` digits, each of which turns the answer round or leaves it.

    `rows` sequences train; validation and test have a tenth each. No sequence comes twice, so there are few of the
    shortest.

    Source: Minsky and Papert 1969, Perceptrons, where no single place says anything about the answer.
    """

    title = "Parity"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "label"

    def __init__(self, *, rows: int = 10_000, shortest: int = 4, longest: int = 16) -> None:
        self.sequences = Sequences("parity", rows=rows, shortest=shortest, longest=longest, alphabet="01")

    def fingerprint(self) -> str:
        return "parity-1"

    def labels(self) -> tuple[str, ...]:
        return LABELS

    def examples(self, split: str) -> Iterator[Example]:
        for number, digits in self.sequences.of(split):
            yield Example(" ".join(digits), f"parity-{number}", target=LABELS[digits.count("1") % 2])
