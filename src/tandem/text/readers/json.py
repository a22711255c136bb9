"""JSON documents: a list of objects, or an object of lists, decoded piece by piece."""

import json
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import zip_longest
from typing import Any

from tandem.core.errors import DataError
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.decoding import CHUNK, LARGEST_ROW, characters
from tandem.text.readers.objects import cells, refuse_halves, short, too_long

SHAPES = 'a .json file holds a list of objects (of pandas: orient="records") or an object of lists'
WHITE_SPACE = re.compile(r"[ \t\n\r]*")
ENDED = object()


class Json(Reader):
    """A list with an object for each row, or an object with a list for each column.

    A list of objects is read once. The lists of an object are read side by side, so that memory does not grow with
    them: the file is read once for their names and once for each column that is needed.
    """

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        with characters(self.path) as text:
            window = _Window(text, str(self.path))
            if window.peek() == "[":
                for number, (value, written) in enumerate(window.elements("row"), start=1):
                    yield Row(f"row {number}", cells(value, written, f"{self.path}, row {number}"))
                window.end()
                return
            if window.peek() != "{":
                raise window.error(SHAPES)
        yield from self._side_by_side(columns)

    def _side_by_side(self, columns: Sequence[str] | None) -> Iterator[Row]:
        every = self._names()
        names = [name for name in every if columns is None or name in columns] or every
        for number, values in enumerate(zip_longest(*map(self._column, names), fillvalue=ENDED), start=1):
            if ENDED in values:
                longer = names[next(place for place, value in enumerate(values) if value is not ENDED)]
                shorter = names[values.index(ENDED)]
                raise DataError(
                    f'{self.path}: the list "{shorter}" has {number - 1} values and the list "{longer}" more; every '
                    "row needs one in each"
                )
            yield Row(f"row {number}", dict(zip(names, values, strict=True)))

    def _names(self) -> list[str]:
        """The names of the columns; the whole document is well-formed if this returns."""
        with characters(self.path) as text:
            window = _Window(text, str(self.path))
            names = []
            for name in window.members():
                names.append(name)
                for _ in window.elements(f"column {name}, value"):
                    pass
            window.end()
        return names

    def _column(self, wanted: str) -> Iterator[Any]:
        with characters(self.path) as text:
            window = _Window(text, str(self.path))
            for name in window.members():
                for number, (value, written) in enumerate(window.elements(f"column {name}, value"), start=1):
                    if name == wanted:
                        refuse_halves(value, written, f"{self.path}, row {number}, column {name}")
                        yield value
                if name == wanted:
                    return


class _Window:
    """The part of a JSON document that is in memory, and the place in it up to which it is decoded."""

    def __init__(self, stream: TextIOWrapper, where: str) -> None:
        self.stream, self.where = stream, where
        self.text, self.at, self.line, self.ended = "", 0, 1, False
        self.decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            self.at = WHITE_SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            self._grow()

    def elements(self, what: str) -> Iterator[tuple[Any, str]]:
        """The values of the list that begins here, each with how it is written."""
        self._take("[", "a list of values")
        number = 1
        while self.peek() != "]":
            if number > 1:
                self._take(",", f"behind {what} {number - 1} a comma or the end of the list")
            yield self._value(f"{what} {number}")
            number += 1
        self.at += 1

    def members(self) -> Iterator[str]:
        """The names in the object that begins here; the caller reads each value before the next name."""
        self._take("{", "an object")
        name = None
        while self.peek() != "}":
            if name is not None:
                self._take(",", f"behind column {name} a comma or the end of the object")
            self.peek()
            name, _ = self._value("a name")
            if not isinstance(name, str):
                raise self.error(f"a name in quotes is expected, not {short(name)}")
            self._take(":", "a colon")
            if self.peek() != "[":
                raise self.error(f'"{name}" is no list; {SHAPES}')
            yield name
        self.at += 1

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            DataError: something does.
        """
        if self.peek():
            raise self.error("something follows the end of the document; one object on each line is a .jsonl file")

    def error(self, problem: str) -> DataError:
        """The error for what stands here."""
        line = self.line + self.text.count("\n", 0, self.at)
        return DataError(f"{self.where}, line {line}: {problem}")

    def _take(self, sign: str, what: str) -> None:
        found = self.peek()
        if found != sign:
            raise self.error(f"{what} is expected, not {short(found) if found else 'the end of the file: it was cut'}")
        self.at += 1

    def _value(self, what: str) -> tuple[Any, str]:
        self.peek()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                problem = f"{what}: no JSON: {error.msg} (line {self.line + error.lineno - 1})"
            except RecursionError:
                raise self.error(f"{what}: lists or objects are nested too deeply") from None
            except ValueError as error:
                raise self.error(f"{what}: {error}") from None
            else:
                # A number at the end of the window may go on behind it.
                if end < len(self.text) or self.ended:
                    written, self.at = self.text[self.at : end], end
                    return value, written
            if self.ended:
                raise self.error(problem)
            if len(self.text) - self.at > LARGEST_ROW:
                raise too_long(self.text[self.at :], f"{self.where}, {what}")
            self._grow()

    def _grow(self) -> None:
        """Forgets what is decoded, and reads as much again as is left, so that no value is decoded often."""
        self.line += self.text.count("\n", 0, self.at)
        self.text, self.at = self.text[self.at :], 0
        more = self.stream.read(max(CHUNK, len(self.text)))
        self.text, self.ended = self.text + more, not more
