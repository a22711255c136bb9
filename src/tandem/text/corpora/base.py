"""The contract of a corpus."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from tandem.core.choices import CorpusKind
from tandem.text.example import Example
from tandem.text.hub import Limit, PublicTable


class Corpus(ABC):
    """A source of examples in three splits that share no document.

    The constructor's keyword-only parameters are the options a recipe may set under `[corpus]`.
    """

    title: ClassVar[str]
    licence: ClassVar[str]
    citation: ClassVar[str]
    source: ClassVar[str]
    """One of `package` (inside a dependency), `hub` (a public data set or a mirror of it), `file` (the user's),
    `made` (generated)."""
    identifier: ClassVar[str | None] = None
    """The name of a public data set on the hub, `OWNER/NAME`."""
    table: PublicTable
    """Where the rows of a public data set are, and which of their columns are read; other corpora have none."""
    rows: ClassVar[dict[str, int]] = {}
    """How many rows the published data set has in each of its own splits."""
    normalise: bool = False
    """Whether examples are in plain words; a tokenizer of such a corpus then finds these in any text."""
    limit: Limit = None
    """How many rows of the train split of a public data set are read; None for all."""
    kind: CorpusKind
    """What an example holds: `text` (running text), `label` (a text and its class), `pair` (two texts and their
    class), `score` (two texts and a number), `tags` (words and a tag for each), `translation` (a text and its
    translation), `contrast` (a good sentence, and a bad one that differs in one point)."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Changes whenever the text changes, and only then: prepared stores are keyed by it.

        Raises:
            DataError: the source is not there.
        """

    @abstractmethod
    def examples(self, split: str) -> Iterator[Example]:
        """The examples of one of `SPLITS`, streamed: memory does not grow with the corpus.

        Raises:
            DataError: the source is missing or cannot be read as text.
        """

    def labels(self) -> tuple[str, ...]:
        """The names of all classes or tags, in the order of their numbers; empty where a target is none of these."""
        return self.table.columns.labels if self.identifier else ()

    def without_text(self, split: str) -> Iterator[str]:
        """The places of the rows of a split that hold no text, or one of two, and are therefore no examples.

        Of running text an empty row is nothing that is missing.

        Raises:
            What `examples` raises.
        """
        has_rows = self.identifier and self.kind not in ("text", "contrast")
        return self.table.without_text(split, limit=self.limit) if has_rows else iter(())

    def notes(self) -> list[str]:
        """What a user should know about how this corpus is read, a line each: detected columns, how it is split.

        Raises:
            DataError: a public data set cannot be had.
        """
        return self.table.notes() if self.identifier else []
