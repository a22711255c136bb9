"""From the row of a table to an example: which column holds what."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError, suggestion
from tandem.text.example import Example, Target

NO_AGREEMENT = -1
NUMBER_OF_A_CLASS = re.compile(r"-1|\d{1,9}", re.ASCII)
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


@dataclass(frozen=True)
class Columns:
    """The names of the columns that are read.

    `second` is the column of the other text, `label` that of a class (a name, or a number into `labels`), `score` that
    of a number, `tags` that of a list with a tag for each word; `text` is then a list of words, or words with spaces.
    `labels` names the classes that a row gives by number; -1 there, or an empty value, means that the annotators did
    not agree.
    """

    text: str
    second: str | None = None
    label: str | None = None
    score: str | None = None
    tags: str | None = None
    labels: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The columns that are read."""
        named = (self.text, self.second, self.label, self.score, self.tags)
        return tuple(name for name in named if name is not None)

    def example(self, row: Mapping[str, Any], *, where: str, document: str) -> Example | None:
        """The example in `row`; None where it holds no text.

        Raises:
            DataError: a column is absent, or its value is no text, no known class, no finite number. The message
                begins with `where`, which names the file and the row.
        """
        text = self.reading(row, where=where)
        second = None if self.second is None else self._text(row, self.second, where)
        if not text or second == "":
            return None
        return Example(text, document, second, self._target(row, text, where))

    def reading(self, row: Mapping[str, Any], *, where: str) -> str:
        """The first text in `row`, without white space around it; empty where there is none.

        Raises:
            DataError: the column is absent, or holds no text.
        """
        return self._text(row, self.text, where)

    def _target(self, row: Mapping[str, Any], text: str, where: str) -> Target:
        if self.label is not None:
            return self._class(_value(row, self.label, where), self.label, where)
        if self.score is not None:
            return _number(_value(row, self.score, where), self.score, where)
        if self.tags is not None:
            return self._tags(row, text, where)
        return None

    def _text(self, row: Mapping[str, Any], column: str, where: str) -> str:
        value = _value(row, column, where)
        if value is None:
            return ""
        if isinstance(value, str):
            return value.strip()
        if self.tags is not None and isinstance(value, Sequence) and not isinstance(value, bytes):
            return " ".join("_".join(str(word).split()) or "_" for word in value)
        raise DataError(f"{where}: column {column} holds {_short(value)}, which is no text; name another column")

    def _class(self, value: Any, column: str, where: str) -> str | None:
        if isinstance(value, str):
            value = value.strip()
            # Cells of a csv are texts, numbers of classes too.
            if self.labels and value not in self.labels and NUMBER_OF_A_CLASS.fullmatch(value):
                value = int(value)
        if value is None or value == "" or (value == NO_AGREEMENT and self.labels):
            return None
        if not self.labels:
            return _name(value, column, where)
        if isinstance(value, int) and 0 <= value < len(self.labels):
            return self.labels[value]
        if value in self.labels:
            return str(value)
        legal = ", ".join(f"{number} {name}" for number, name in enumerate(self.labels))
        raise DataError(f"{where}: column {column} holds {_short(value)}; legal: {legal}, -1 for no agreement")

    def _tags(self, row: Mapping[str, Any], text: str, where: str) -> tuple[str, ...]:
        assert self.tags is not None
        value = _value(row, self.tags, where)
        found = value.split() if isinstance(value, str) else value or ()
        if not isinstance(found, Sequence):
            raise DataError(f"{where}: column {self.tags} holds {_short(value)}, which is no list of tags")
        tags = tuple(self._class(tag, self.tags, where) or "" for tag in found)
        words = len(text.split(" "))
        if len(tags) != words or not all(tags):
            raise DataError(f"{where}: {words} words and {len(tags)} tags; every word needs one")
        return tags


def kind_of(columns: Columns) -> CorpusKind:
    """What the examples of a table with these columns hold."""
    if columns.tags:
        return "tags"
    if columns.score:
        return "score"
    if columns.label:
        return "pair" if columns.second else "label"
    return "translation" if columns.second else "text"


def _value(row: Mapping[str, Any], column: str, where: str) -> Any:
    if column not in row:
        raise DataError(f'{where}: no column "{column}"{suggestion(column, row)}')
    return row[column]


def _name(value: Any, column: str, where: str) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise DataError(f"{where}: column {column} holds {value}, which is no label")
    if not isinstance(value, str | int | float):
        raise DataError(f"{where}: column {column} holds {_short(value)}, which is no label")
    # A library that knows missing values writes whole numbers as 1.0 where one is missing.
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _number(value: Any, column: str, where: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        comma = "; write a decimal point in place of the comma" if DECIMAL_COMMA.fullmatch(str(value).strip()) else ""
        raise DataError(f"{where}: column {column} holds {_short(value)}, which is no finite number{comma}")
    return number


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
