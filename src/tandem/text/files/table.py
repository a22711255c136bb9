"""The user's table in three splits."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tandem.core.errors import DataError
from tandem.text.columns import Columns, kind_of
from tandem.text.example import Example
from tandem.text.files.classes import Classes
from tandem.text.files.detection import columns_of
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.txt import LONGEST_EXAMPLE
from tandem.text.splits import SHARES, share

SAMPLE_ROWS, SAMPLE_CHARACTERS = 1000, 2**22
TENTH = SHARES // 10
LISTED = 20


class Table:
    """Rows of one or more files; a row is a document.

    A split without files of its own is a share of the training rows: a tenth validates and a tenth tests. A hash of
    the row's first text decides, so that rows with equal texts stay on one side.

    Raises:
        DataError: a file cannot be read, has no rows, or its first rows do not fit the columns.
        UsageError: the columns that the user named are not there, or those to read cannot be told.
    """

    def __init__(
        self, readers: Mapping[str, Sequence[Reader]], names: Mapping[Path, str], wanted: Mapping[str, str]
    ) -> None:
        self.readers, self.names = readers, names
        first = readers["train"][0]
        beginning, self.is_small = _beginning(readers["train"])
        if not beginning:
            raise DataError(f"{first.path}: no rows")
        rows = [row.cells for _, row in beginning]
        self.columns = columns_of(rows, wanted, where=str(first.path), classes=first.classes())
        self.kind = kind_of(self.columns)
        self.sample = self._examples(beginning)
        self.needed = list(_roles(self.columns).values())
        self.unread = [name for name in dict.fromkeys(chain(*rows)) if name not in self.needed]
        self.seen: dict[str, Classes] = {}
        for split in ("validation", "test"):
            self._examples(_beginning(readers[split], rows=1)[0])

    def examples(self, split: str) -> Iterator[Example]:
        """The rows of one split; a long text comes in pieces, or cut where something is to be learnt about it.

        Raises:
            DataError: a row does not fit the columns, or the split has no rows.
        """
        rows = found = 0
        for assigned, example in self._assigned(split):
            rows += 1
            if assigned == split:
                found += 1
                yield from self._pieces(example)
        if not found:
            raise self._empty(split, rows)

    def without_text(self, split: str) -> Iterator[str]:
        """The places of the rows without text in the files of `split`; of files that are shared out, those of train.

        Raises:
            DataError: a row does not fit the columns.
        """
        for reader in self.readers[split]:
            for place, cells in reader.rows(self.needed):
                if self.columns.example(cells, where=f"{reader.path}, {place}", document="") is None:
                    yield f"{self.names[reader.path]}, {place}"

    def labels(self) -> tuple[str, ...]:
        """The names of all classes of the train split, or of all tags, in the order of their numbers.

        Splits that have been read to their end are known; the others are read now.

        Raises:
            DataError: the column holds no classes that could be learnt, or a split has a class of its own.
        """
        column = self.columns.label or self.columns.tags
        if column is None:
            return ()
        found = Classes()
        for split in self.readers:
            if self.readers[split]:
                if split not in self.seen:
                    deque(self._assigned(split), maxlen=0)
                found.update(self.seen[split])
        anywhere = bool(self.columns.labels or self.columns.tags)
        found.refuse(f"{self.readers['train'][0].path}: column {column}", anywhere=anywhere)
        return self.columns.labels or found.ordered()

    def notes(self) -> list[str]:
        """Which columns are read, how the rows are split, and what was found out about the files."""
        roles = ", ".join(f"{role} = {name}" for role, name in _roles(self.columns).items())
        unread = f"; not read: {', '.join(self.unread)}" if self.unread else ""
        shares = [split for split in ("validation", "test") if not self.readers[split]]
        tenths = f"a tenth of the rows is for {' and a tenth for '.join(shares)}, by a hash of the text"
        firsts = (readers[0] for readers in self.readers.values() if readers)
        return [
            f"{roles}{self._described()}{unread}",
            *([tenths] if shares else []),
            *chain.from_iterable(reader.notes() for reader in firsts),
        ]

    def _assigned(self, split: str) -> Iterator[tuple[str, Example]]:
        """Every row with text that `split` may come from, and the split that the row belongs to."""
        source = split if self.readers[split] else "train"
        taken = {0: "validation", 1: "test"} if source == "train" else {}
        shares = {tenth: name for tenth, name in taken.items() if not self.readers[name]}
        seen = Classes()
        for reader in self.readers[source]:
            where, name = f"{reader.path}, ", f"{self.names[reader.path]}, "
            for place, cells in reader.rows(self.needed):
                example = self.columns.example(cells, where=where + place, document=name + place)
                if example is not None:
                    assigned = shares.get(share(example.text) // TENTH, source) if shares else source
                    seen.add(example.target, split=assigned, where=where + place)
                    yield assigned, example
        self.seen[source] = seen

    def _examples(self, rows: Sequence[tuple[Reader, Row]]) -> list[Example]:
        found = (
            self.columns.example(row.cells, where=f"{reader.path}, {row.place}", document="") for reader, row in rows
        )
        return [example for example in found if example is not None]

    def _pieces(self, example: Example) -> Iterator[Example]:
        longest = max(len(example.text), len(example.second or ""))
        if longest <= LONGEST_EXAMPLE or self.kind == "tags":
            yield example
        elif self.kind == "text":
            for start in range(0, len(example.text), LONGEST_EXAMPLE):
                if piece := example.text[start : start + LONGEST_EXAMPLE].strip():
                    yield replace(example, text=piece)
        else:
            second = example.second and example.second[:LONGEST_EXAMPLE]
            yield replace(example, text=example.text[:LONGEST_EXAMPLE], second=second)

    def _described(self) -> str:
        """The classes in the first rows."""
        if not (self.columns.label or self.columns.tags):
            return ""
        found = Classes()
        for example in self.sample:
            found.add(example.target, split="train", where="")
        names = self.columns.labels or found.ordered()
        shown = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
        what = "tags" if self.columns.tags else "labels"
        among = "" if self.is_small or self.columns.labels else " in the first rows"
        return f": {len(names)} {what} ({shown}){among}"

    def _empty(self, split: str, rows: int) -> DataError:
        file = (self.readers[split] or self.readers["train"])[0].path
        if not rows:
            return DataError(f"{file}: no text to read in column {self.columns.text}: every row is empty there")
        return DataError(
            f"{file}: too little text: none of {rows} rows is for {split}; a tenth validates and a tenth tests, chosen "
            f"by a hash of the text, and equal texts stay together; give more rows, or set corpus.{split} = FILE"
        )


def _beginning(readers: Sequence[Reader], *, rows: int = SAMPLE_ROWS) -> tuple[list[tuple[Reader, Row]], bool]:
    """The first rows, few enough to be read in a moment, and whether these are all."""
    found: list[tuple[Reader, Row]] = []
    size = 0
    for reader in readers:
        for row in reader.rows():
            if len(found) == rows or size > SAMPLE_CHARACTERS:
                return found, False
            found.append((reader, row))
            size += sum(len(cell) for cell in row.cells.values() if isinstance(cell, str))
    return found, True


def _roles(columns: Columns) -> dict[str, str]:
    """The columns that are read, by what they hold."""
    roles = {
        "text": columns.text, "second": columns.second, "label": columns.label, "score": columns.score,
        "tags": columns.tags,
    }  # fmt: skip
    return {role: name for role, name in roles.items() if name is not None}
