"""Named entities in news."""

from collections.abc import Iterator

from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable

ENTITIES = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")


class Conll2003(Corpus):
    """Sentences with a tag for each word: `B-` begins a person, organisation, place or other name, `I-` continues it.

    `limit` takes the first so many training rows.
    """

    title = "CoNLL-2003, named entities in English"
    licence = "research use; the text is Reuters'"
    citation = "Tjong Kim Sang and De Meulder 2003, Introduction to the CoNLL-2003 shared task"
    source = "hub"
    identifier = "eriktks/conll2003"
    rows = {"train": 14_041, "validation": 3_250, "test": 3_453}
    kind = "tags"
    table = PublicTable(identifier, Columns("tokens", tags="ner_tags", labels=ENTITIES), config="conll2003")

    def __init__(self, *, limit: Limit = None) -> None:
        self.limit = limit

    def fingerprint(self) -> str:
        return self.table.identity()

    def examples(self, split: str) -> Iterator[Example]:
        return self.table.examples(split, limit=self.limit)
