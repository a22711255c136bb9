"""Pairs of texts that a finished model is asked about."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tandem.core.errors import DataError, UsageError, suggestion
from tandem.lab.framing import check_unicode
from tandem.text.columns import Columns
from tandem.text.files.known_columns import PAIRS
from tandem.text.readers.base import Reader
from tandem.text.readers.csv import Csv
from tandem.text.readers.decoding import lines
from tandem.text.readers.formats import reader

HALVES = frozenset(name for pair in PAIRS for name in pair)
"""Each of these has another beside it."""


class TextPair(NamedTuple):
    """Two texts, and where they stand: `pairs.tsv, line 3`."""

    place: str
    first: str
    second: str


def pairs_of(
    path: Path, *, columns: tuple[str, str] | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[TextPair]:
    """The pairs of a file in their order, streamed, empty texts too: two columns of a table, or lines with a tab.

    Where no `columns` are named, they are those with the first known names, or the only two, and then `say` is told in
    which order. The first line of a csv names them where it holds `columns` or a known name; else it is a pair like any
    other. A table in which one known name stands without the other is not guessed at.

    Raises:
        DataError: the file cannot be read, or a column is missing. UsageError: no such columns, or they cannot be told.
    """
    known = {name for pair in (columns or (), *PAIRS) for name in pair}
    table = reader(path, known=known)
    if table is None:
        if columns is not None:
            raise UsageError(f"{path}: plain text, two texts a line; it has no columns {' and '.join(columns)}")
        yield from _of_lines(path)
        return
    if columns is None and isinstance(table, Csv):
        nameless = reader(path, known=known, header=False)
        first = [str(cell) for cell in _row(nameless).values()]
        if len(first) == 2 and not HALVES & _spoken(first).keys():
            table = nameless
    assert table is not None
    columns = _columns(path, table, columns, say)
    one, other = map(Columns, columns)
    for place, cells in table.rows(columns):
        where = f"{path}, {place}"
        yield _unicode(TextPair(where, one.reading(cells, where=where), other.reading(cells, where=where)))


def checked(pair: TextPair) -> TextPair:
    """The same pair.

    Raises:
        DataError: one of its texts is empty, or no Unicode.
    """
    for name, text in (("first", pair.first), ("second", pair.second)):
        if not text.strip():
            raise DataError(f"{pair.place}: the {name} text is empty; write it, or take out the pair")
    return _unicode(pair)


def _unicode(pair: TextPair) -> TextPair:
    for text in (pair.first, pair.second):
        check_unicode(text)
    return pair


def _of_lines(path: Path) -> Iterator[TextPair]:
    number = 0
    for number, line in enumerate(lines(path), start=1):
        texts, where = line.strip("\r\n").split("\t"), f"{path}, line {number}"
        if len(texts) != 2:
            raise DataError(f"{where}: {len(texts)} texts; a line holds two with a tab between them")
        yield _unicode(TextPair(where, texts[0].strip(), texts[1].strip()))
    if not number:
        raise DataError(f"{path}: holds no pair; write two texts a line, with a tab between them")


def _columns(path: Path, table: Reader, wanted: tuple[str, str] | None, say: Callable[[str], None]) -> tuple[str, str]:
    """The columns of the first and of the second text."""
    names = list(_row(table))
    if not names:
        raise DataError(f"{path}: no rows")
    for name in wanted or ():
        if name not in names:
            raise UsageError(f'{path}: no column "{name}"{suggestion(name, names)}')
    if found := wanted or _known(names):
        return found
    if len(names) != 2 or HALVES & _spoken(names).keys():
        raise UsageError(
            f"{path}: which columns hold the two texts? Write --columns A,B (there are: {', '.join(names)})"
        )
    first = "the first line is a pair too, and " if isinstance(table, Csv) else ""
    say(f"{path.name}: {first}the columns {' and '.join(names)} are taken in their order; --columns A,B goes by names")
    return names[0], names[1]


def _row(table: Reader | None) -> Mapping[str, Any]:
    """The first row of a table; empty where it has none."""
    first = None if table is None else next(table.rows(), None)
    return {} if first is None else first.cells


def _known(names: Sequence[str]) -> tuple[str, str] | None:
    spoken = _spoken(names)
    found = ((spoken[one], spoken[other]) for one, other in PAIRS if one in spoken and other in spoken)
    return next(found, None)


def _spoken(names: Sequence[str]) -> dict[str, str]:
    """Names by how they are known."""
    return {name.strip().lower(): name for name in reversed(names)}
