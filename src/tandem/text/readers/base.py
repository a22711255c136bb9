"""The contract of a reader of tables."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Row(NamedTuple):
    """The cells of a row by the names of their columns, and its place in the file: `line 3`, `row 17`."""

    place: str
    cells: dict[str, Any]


class Reader(ABC):
    """The rows of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """All rows, streamed. `columns` are the ones that will be asked for: others need not be read.

        Raises:
            DataError: the file is damaged, or no table of this format; the message names file and place.
            UsageError: the extra that the format needs is not installed.
        """

    def notes(self) -> list[str]:
        """What of this file was found out rather than told, a line each.

        Raises:
            What `rows` raises.
        """
        return []

    def classes(self) -> dict[str, tuple[str, ...]]:
        """The names of classes that a column gives by number, where the file states them."""
        return {}
