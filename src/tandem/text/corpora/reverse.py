"""Sequences of letters to be turned round."""

from collections.abc import Iterator

from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.sequences import Sequences, letters


class Reverse(Corpus):
    """`c a f e` gives `e f a c`: `shortest` to `longest` of the first `symbols` letters.

    `rows` sequences train; validation and test have a tenth each. No sequence comes twice.
    """

    title = "Reversing letters"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "translation"

    def __init__(self, *, rows: int = 10_000, shortest: int = 4, longest: int = 12, symbols: int = 26) -> None:
        alphabet = letters("reverse", symbols=symbols)
        self.sequences = Sequences("reverse", rows=rows, shortest=shortest, longest=longest, alphabet=alphabet)

    def fingerprint(self) -> str:
        return "reverse-1"

    def examples(self, split: str) -> Iterator[Example]:
        for number, sequence in self.sequences.of(split):
            yield Example(" ".join(sequence), f"reverse-{number}", " ".join(reversed(sequence)))
