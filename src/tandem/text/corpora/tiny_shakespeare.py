"""A million characters of Shakespeare's plays."""

import re
from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import PublicTable
from tandem.text.splits import share

SPEECH_ENDS = re.compile(r"(?<=\n\n)(?!\n)")


class TinyShakespeare(Corpus):
    """The plays one after the other, the usual text of small character models.

    Each split is one document: the first nine tenths train, the next twentieth validates, the last tests. An example is
    a speech with the empty line behind it, so that the examples of a split make up its text to the last character.
    """

    title = "Tiny Shakespeare"
    licence = "public domain"
    citation = "Karpathy 2015, The unreasonable effectiveness of recurrent neural networks"
    source = "hub"
    identifier = "karpathy/tiny_shakespeare"
    rows = {"train": 1, "validation": 1, "test": 1}
    kind = "text"
    table = PublicTable(identifier, Columns("text"))

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        stored, shares = self.table.source(split)
        for row in self.table.rows(stored):
            if not self.table.columns.reading(row.cells, where=row.place):
                continue
            for speech in SPEECH_ENDS.split(row.cells["text"]):
                if speech.strip() and share(speech) in shares:
                    yield Example(speech, split)

    def notes(self) -> list[str]:
        return [*super().notes(), "an example is a speech; its lines and the empty line behind it are kept"]
