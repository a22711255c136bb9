"""The texts of a file that a finished model is to read: lines, or a column of a table."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tandem.core.errors import DataError, UsageError, suggestion
from tandem.text.files.detection import NONE, columns_of
from tandem.text.files.known_columns import TEXTS
from tandem.text.readers.csv import Csv
from tandem.text.readers.decoding import lines
from tandem.text.readers.formats import format_of, reader

SAMPLE_ROWS = 1000


class Placed(NamedTuple):
    """A text without white space around it, and where it stands in its file: `line 3`, `row 17`."""

    place: str
    text: str


def lines_of(path: Path) -> list[str]:
    """The lines of a text file as they are, without their ends; empty ones too.

    Raises:
        UsageError: a table. DataError: the file is missing, no text, or empty.
    """
    if format_of(path) != "txt":
        raise UsageError(f"{path}: a table; write its texts into a text file, one a line")
    texts = [line.rstrip("\r\n") for line in lines(path)]
    if not any(text.strip() for text in texts):
        raise DataError(f"{path}: holds no text; write one a line")
    return texts


def texts_of(path: Path, *, column: str | None = None, say: Callable[[str], None] = lambda _: None) -> Iterator[Placed]:
    """The texts of a file in their order, streamed, empty ones too: the lines of plain text, or a column of a table.

    Where no `column` is named, the first rows tell it, by the rules of docs/your-own-data.md. `say` is told of a first
    line that may be a text and is taken for names.

    Raises:
        DataError: the file is missing, cannot be read, or, at its end, held no text. UsageError: no such column, or it
            cannot be told.
    """
    is_empty = True
    for one in _placed(path, column, say):
        is_empty = is_empty and not one.text
        yield one
    if is_empty:
        raise DataError(f"{path}: holds no text; write one a line, or a table with a column of texts")


def _placed(path: Path, column: str | None, say: Callable[[str], None]) -> Iterator[Placed]:
    table = reader(path, known=() if column is None else (column,))
    if table is None:
        if column is not None:
            raise UsageError(f"{path}: plain text, a text a line; it has no column {column}")
        for number, line in enumerate(lines(path), start=1):
            yield Placed(f"line {number}", line.strip())
        return
    first = [row.cells for row in islice(table.rows(), SAMPLE_ROWS)]
    if not first:
        raise DataError(f"{path}: no rows")
    if column is not None and column not in first[0]:
        raise UsageError(f'{path}: no column "{column}"{suggestion(column, first[0])}')
    wanted = {"label": NONE, "score": NONE, "tags": NONE} | ({} if column is None else {"text": column})
    columns = columns_of(first, wanted, where=str(path), classes={}, text_option="--text {}")
    name = columns.text.strip().lower()
    if column is None and isinstance(table, Csv) and name not in TEXTS and not name.isdecimal():
        say(
            f"{path.name}: the first line is read as names, and texts are what stands under {columns.text}; if that is "
            "a text too, write a line with a name above it"
        )
    for place, cells in table.rows([columns.text]):
        yield Placed(place, columns.reading(cells, where=f"{path}, {place}"))
