"""Pairs of texts that a finished model is asked about."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tandem.core.errors import DataError, UsageError, suggestion
from tandem.lab.framing import check_unicode
from tandem.text.columns import Columns
from tandem.text.files.known_columns import PAIRS
from tandem.text.readers.base import Reader
from tandem.text.readers.decoding import lines
from tandem.text.readers.formats import reader


class TextPair(NamedTuple):
    """Two texts, and where they stand: `pairs.tsv, line 3`."""

    place: str
    first: str
    second: str


def pairs_of(path: Path, *, columns: tuple[str, str] | None = None) -> Iterator[TextPair]:
    """The pairs of a file in their order, streamed: two columns of a table, or lines of two texts with a tab between.

    Where no `columns` are named, they are those with the first known names, or the only two. The first line of a csv
    names them where it holds `columns` or known names; else it is a pair like any other.

    Raises:
        DataError: the file cannot be read, or a text is missing. UsageError: no such columns, or they cannot be told.
    """
    known = {name for pair in (columns or (), *PAIRS) for name in pair}
    table = reader(path, header=None, quotes=True, known=known)
    if table is None:
        if columns is not None:
            raise UsageError(f"{path}: plain text, two texts a line; it has no columns {' and '.join(columns)}")
        yield from _of_lines(path)
        return
    names = _names(path, table)
    for name in columns or ():
        if name not in names:
            raise UsageError(f'{path}: no column "{name}"{suggestion(name, names)}')
    if columns is None and (columns := _known(names)) is None:
        table = reader(path, header=False, quotes=True, known=known)
        assert table is not None
        if len(unnamed := _names(path, table)) != 2:
            raise UsageError(
                f"{path}: which columns hold the two texts? Write --columns A,B (there are: {', '.join(names)})"
            )
        columns = unnamed[0], unnamed[1]
    one, other = map(Columns, columns)
    for place, cells in table.rows(columns):
        where = f"{path}, {place}"
        yield checked(TextPair(where, one.reading(cells, where=where), other.reading(cells, where=where)))


def checked(pair: TextPair) -> TextPair:
    """The same pair.

    Raises:
        DataError: one of its texts is empty, or no Unicode.
    """
    for name, text in (("first", pair.first), ("second", pair.second)):
        if not text.strip():
            raise DataError(f"{pair.place}: the {name} text is empty; write it, or take out the pair")
        check_unicode(text)
    return pair


def _of_lines(path: Path) -> Iterator[TextPair]:
    number = 0
    for number, line in enumerate(lines(path), start=1):
        texts, where = line.strip("\r\n").split("\t"), f"{path}, line {number}"
        if len(texts) != 2:
            raise DataError(f"{where}: {len(texts)} texts; a line holds two with a tab between them")
        yield checked(TextPair(where, texts[0].strip(), texts[1].strip()))
    if not number:
        raise DataError(f"{path}: holds no pair; write two texts a line, with a tab between them")


def _names(path: Path, table: Reader) -> list[str]:
    """The columns of a table, by its first row."""
    first = next(table.rows(), None)
    if first is None:
        raise DataError(f"{path}: no rows")
    return list(first.cells)


def _known(names: Sequence[str]) -> tuple[str, str] | None:
    spoken = {name.strip().lower(): name for name in reversed(names)}
    found = ((spoken[one], spoken[other]) for one, other in PAIRS if one in spoken and other in spoken)
    return next(found, None)
