"""Tables of separated values: csv, tsv, and what spreadsheets make of them."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from tandem.core.errors import DataError
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.decoding import LARGEST_ROW, lines

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}
SAMPLE = 100
SPREADSHEET_LINE = re.compile(r"\"?sep=.?\"?", re.IGNORECASE)
LONGEST_NAME = 64


@dataclass(frozen=True)
class _Layout:
    separator: str
    names: tuple[str, ...]
    has_header: bool


class Csv(Reader):
    """Cells between commas, tabs or semicolons, with quotes around those that hold a separator or a line end.

    The separator is the one that cuts the first line into most cells. The first line names the columns, unless it
    looks like a row: then they are called 1, 2, 3. `header` says which it is; `known` are names that make it a header.
    With `quotes=False` a quotation mark is a character like any other; `settable` is whether the keys of a recipe
    can say so and what `header` is: then what went wrong is told with the key that mends it.
    """

    def __init__(
        self, path: Path, *, header: bool | None = None, quotes: bool = True, known: frozenset[str] = frozenset(),
        settable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(path)
        self.header, self.quotes, self.known, self.settable = header, quotes, known, settable

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:  # noqa: ARG002
        layout = self._layout
        for number, (place, cells) in enumerate(self._cells(layout.separator)):
            if number == 0 and layout.has_header:
                continue
            if len(cells) != len(layout.names):
                raise DataError(
                    f"{self.path}, {place}: {len(cells)} cells where the first line has {len(layout.names)}; put a "
                    f"cell that holds {SEPARATORS[layout.separator]} or line ends in quotes"
                )
            yield Row(place, dict(zip(layout.names, cells, strict=True)))

    def notes(self) -> list[str]:
        layout = self._layout
        found = []
        if layout.separator != self._usual and len(layout.names) > 1:
            found.append(f"{self.path.name}: cells are separated by {SEPARATORS[layout.separator]}")
        if self.header is None and not layout.has_header:
            way_out = "; if it names the columns, set corpus.header = true" if self.settable else ""
            found.append(
                f"{self.path.name}: the first line is read as a row, and columns are called 1 to "
                f"{len(layout.names)}{way_out}"
            )
        return found

    @property
    def _usual(self) -> str:
        """What the name of the file promises to stand between cells."""
        return "\t" if {".tsv", ".tab"} & set(self.path.suffixes) else ","

    @cached_property
    def _layout(self) -> _Layout:
        """What the first rows tell; no columns where there are none."""
        first_line = next((line for line in lines(self.path, newline="") if line.strip()), "")
        if SPREADSHEET_LINE.fullmatch(first_line.strip()):
            raise DataError(
                f"{self.path}, line 1: {first_line.strip()} is a spreadsheet's note to itself; delete that line, so "
                "that the first line names the columns"
            )
        # Texts between tabs may hold commas. max takes the first of equals: a file of one column has commas.
        keeps_promise = self._usual == "\t" and len(self._parsed(first_line, "\t")) > 1
        separator = "\t" if keeps_promise else max(SEPARATORS, key=lambda sign: len(self._parsed(first_line, sign)))
        sample = [cells for _, cells in islice(self._cells(separator), SAMPLE)]
        first, rest = (sample[0], sample[1:]) if sample else ([], [])
        has_header = self._is_header(first, rest) if self.header is None else self.header
        if not has_header:
            return _Layout(separator, tuple(str(number) for number in range(1, len(first) + 1)), has_header)
        names = tuple(cell.strip() or str(number) for number, cell in enumerate(first, start=1))
        if twice := [name for name in names if names.count(name) > 1]:
            raise DataError(f'{self.path}, line 1: two columns are called "{twice[0]}"; rename one')
        return _Layout(separator, names, has_header)

    def _is_header(self, first: list[str], rest: list[list[str]]) -> bool:
        """A name of a column is no number, is not long, and does not occur in the column.

        Files that were put one behind the other repeat their header as a whole.
        """
        if self.known & {cell.strip() for cell in first}:
            return True
        others = [row for row in rest if row != first]
        again = any(row[place : place + 1] == [cell] for row in others for place, cell in enumerate(first) if cell)
        return not again and not any(_is_number(cell) or len(cell) > LONGEST_NAME for cell in first)

    def _cells(self, separator: str) -> Iterator[tuple[str, list[str]]]:
        """The place and the cells of each row that is not empty."""
        # The library's own limit is 131,072 characters, less than a long document.
        csv.field_size_limit(LARGEST_ROW)
        begun: list[str] = []
        reader = csv.reader(self._lines(begun), delimiter=separator, quoting=self._quoting, strict=True)
        first: list[str] = []
        while True:
            begun.clear()
            place = f"line {reader.line_num + 1}"
            try:
                cells = next(reader, None)
                if begun and len(begun[0]) == LARGEST_ROW and not begun[0].endswith("\n"):
                    raise csv.Error("line larger than limit")
            except csv.Error as error:
                raise self._error(str(error), place, first, self._parsed(begun[0], separator)) from None
            if cells is None:
                return
            if any(map(str.strip, cells)):
                first = first or cells
                yield place, cells

    def _lines(self, begun: list[str]) -> Iterator[str]:
        """The lines of the file; the first one since `begun` was emptied is also put there."""
        for line in lines(self.path, newline=""):
            if not begun:
                begun.append(line)
            yield line

    def _parsed(self, line: str, separator: str) -> list[str]:
        """The cells of one line, the last of which may begin a quote that is not closed."""
        csv.field_size_limit(LARGEST_ROW)
        return next(csv.reader([line], delimiter=separator, quoting=self._quoting), [])

    def _error(self, error: str, place: str, first: list[str], cells: list[str]) -> DataError:
        """What to do about an error of the library, in a row whose first line has these cells."""
        plain = ", or, if quotes are plain characters here, set corpus.quotes = false" if self.settable else ""
        name = f' ("{first[len(cells) - 1]}")' if len(cells) <= len(first) else ""
        column = f"{self.path}, {place}, column {len(cells)}{name}"
        if "limit" in error:
            return DataError(
                f"{column}: more than {LARGEST_ROW:,} characters; is a quote never closed? close it{plain}"
            )
        if "unexpected end" in error:
            return DataError(f"{column}: a quote begins here and is never closed; close it{plain}")
        if "expected after" in error:
            problem = 'text follows a closing quote; write a quote inside quotes twice (""), or close the one before'
            return DataError(f"{self.path}, {place}: {problem}{plain}")
        return DataError(f"{self.path}, {place}: no row of a table ({error})")

    @property
    def _quoting(self) -> Literal[0, 3]:
        return csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
