"""A million characters of Shakespeare's plays."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import PublicTable, share


class TinyShakespeare(Corpus):
    """The plays one after the other, the usual text of small character models; an example is a speech, with its lines.

    Each split is one document: the first nine tenths train, the next twentieth validates, the last tests.
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
            for paragraph in self.table.columns.reading(row.cells, where=row.place).split("\n\n"):
                speech = paragraph.strip()
                if speech and share(speech) in shares:
                    yield Example(speech, split)

    def notes(self) -> list[str]:
        return [*self.table.notes(), "an example is a speech; its lines are kept"]
