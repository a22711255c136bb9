"""Sentences of a small made language with the part of speech of each word."""

from collections.abc import Iterator

from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.grammar import TAGS, words
from tandem.text.made.order import numbered
from tandem.text.made.splits import checked_rows


class PartsOfSpeech(Corpus):
    """`most flies that fly are clean .` is `ADJ NOUN PRON VERB AUX ADJ PUNCT`.

    `rows` sentences train; validation and test have a tenth each. No sentence comes twice. The words fly, flies, duck,
    ducks and clean belong to two classes, and what stands around them decides.
    """

    title = "Parts of speech of a made language"
    licence = "Apache-2.0, as Tandem"
    citation = "tags: de Marneffe et al. 2021, Universal Dependencies; sentences made by Tandem"
    source = "made"
    kind = "tags"

    def __init__(self, *, rows: int = 10_000) -> None:
        self.train_rows = checked_rows("parts-of-speech", rows, most=100_000)

    def fingerprint(self) -> str:
        return "parts-of-speech-1"

    def labels(self) -> tuple[str, ...]:
        return TAGS

    def examples(self, split: str) -> Iterator[Example]:
        for number, sentence in numbered(split, rows=self.train_rows):
            forms, tags = zip(*words(sentence), strict=True)
            yield Example(" ".join(forms), f"parts-of-speech-{number}", target=tags)
