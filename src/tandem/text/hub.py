"""Public data sets: tables on the Hugging Face hub, or in a local mirror of it."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tandem.core.errors import DataError
from tandem.text import snapshot
from tandem.text.columns import Columns
from tandem.text.example import Example
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.formats import named_format, reader
from tandem.text.readers.opening import digest
from tandem.text.splits import SHARES, SPLITS, share

MIRROR = "TANDEM_MIRROR"
CONVERTED = "refs/convert/parquet"
"""The branch where the hub keeps every data set as Parquet, `CONFIG/SPLIT/0000.parquet`, also those that were written
for a loading script."""

Limit = Annotated[int, Field(ge=1)] | None
"""How many rows of the train split are read; None for all."""


@dataclass(frozen=True)
class PublicTable:
    """One configuration of a data set on the hub, and which of its columns are read.

    A mirror holds it as `OWNER/NAME/CONFIG/SPLIT-*.parquet`, with `data` for a data set without configurations; the
    hub's own layout is read too. `folder` is where the files are at `revision`, if not in a folder called like the
    configuration. `names` renames the data set's splits: {"dev": "validation"}.
    """

    identifier: str
    columns: Columns
    config: str | None = None
    revision: str = CONVERTED
    folder: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def identity(self) -> str:
        """Names the content that `examples` would read: a digest of the mirror's files, or the hub's commit.

        Raises:
            What `files` raises.
        """
        if self.mirrored() is None:
            return f"hub:{self.identifier}/{self._places()[0]}@{snapshot.commit(self.identifier, self.revision)}"
        content = hashlib.sha256()
        for split, paths in sorted(self.files().items()):
            for path in paths if split in SPLITS else ():
                content.update(split.encode() + b"\0" + digest(path))
        return f"mirror:{content.hexdigest()}"

    def where(self) -> Literal["mirror", "cache", "hub"] | None:
        """Where the rows would come from now, None where they cannot be had; a look at the disk, at nothing else."""
        if os.environ.get(MIRROR):
            return "mirror" if self._mirror_folder() else None
        folder = snapshot.cached(self.identifier, self.revision)
        # What every corpus is learnt from stands for the rest.
        kept = (folder / self._places()[1]).glob("train*") if folder else iter(())
        return "cache" if any(path.is_file() for found in kept for path in (found, *found.rglob("*"))) else "hub"

    def mirrored(self) -> Path | None:
        """The folder with the split files under the mirror named by TANDEM_MIRROR; None where no mirror is named.

        Raises:
            DataError: a mirror is named, and the data set is not in it.
        """
        mirror = os.environ.get(MIRROR)
        if not mirror:
            return None
        if not Path(mirror).is_dir():
            raise DataError(f"{MIRROR}: {mirror} is no folder; name one that holds OWNER/NAME folders of data sets")
        folder = self._mirror_folder()
        if folder is None:
            expected = Path(mirror) / self.identifier / self._places()[0]
            raise DataError(
                f"{self.identifier}: not in the mirror {mirror} (set by {MIRROR}); expected the folder {expected}"
            )
        return folder

    def files(self) -> dict[str, list[Path]]:
        """The files of each of the data set's own splits, fetched from the hub first where no mirror is named.

        Raises:
            UsageError: the extra `hub` is not installed. DataError: the data set cannot be had, or holds no tables.
        """
        folder = self.mirrored() or self._fetched()
        found: dict[str, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            if named_format(path) not in (None, "txt") and path.is_file():
                name = re.split(r"-\d|\.", path.relative_to(folder).parts[0])[0]
                found.setdefault(self.names.get(name, name), []).append(path)
        if not found:
            raise DataError(f"{self.identifier}: no Parquet, CSV or JSON file in {folder}; copy the data set again")
        return found

    def splits(self) -> tuple[str, ...]:
        """The data set's own splits.

        Raises:
            What `files` raises.
        """
        return tuple(self.files())

    def rows(self, split: str) -> Iterator[Row]:
        """The rows of one of the data set's own splits, streamed; their places name the file.

        Raises:
            What `files` raises. DataError: there is no such split, a file is damaged, or it numbers classes otherwise.
        """
        files = self.files()
        if split not in files:
            raise DataError(f"{self.identifier}: no split {split} (there is: {', '.join(files)})")
        for path in files[split]:
            table = reader(path, header=True, known=self.columns.names())
            if table is None:
                raise DataError(f"{path}: holds plain text, no table; copy the data set again")
            self._check_classes(path, table)
            for row in table.rows(self.columns.names()):
                yield Row(f"{path}, {row.place}", row.cells)

    def examples(self, split: str, *, limit: Limit = None) -> Iterator[Example]:
        """The examples of one of Tandem's splits; `limit` reads so many rows of the train split.

        Raises:
            What `rows` raises, and DataError for a row that does not fit the columns.
        """
        stored, shares = self.source(split)
        for _, example in self._read(stored, limit):
            if example and (len(shares) == SHARES or share(example.text) in shares):
                yield example

    def without_text(self, split: str, *, limit: Limit = None) -> Iterator[str]:
        """The places of the rows among those that hold no text; a split that is taken from train has none of its own.

        Raises:
            What `examples` raises.
        """
        stored, _ = self.source(split)
        if split == "train" or stored != "train":
            yield from (row.place for row, example in self._read(stored, limit) if example is None)

    def source(self, split: str) -> tuple[str, range]:
        """Which stored split holds one of Tandem's splits, and the shares of it that belong there (see `share`).

        Where the data set has a validation and a test split, they are these. Where it has one of the two, that one
        tests. What is missing is taken from its train split: of every twenty texts one validates, and one tests if
        there is no other test. A hash of a row's first text decides, so that equal texts, and pairs with the same
        premise, stay on one side.

        Raises:
            What `files` raises.
        """
        own = {"validation", "test"} & set(self.splits())
        if len(own) == 2:
            return split, range(SHARES)
        if own and split == "test":
            return own.pop(), range(SHARES)
        taken = {"validation": range(1), "test": range(1, 2)}
        return "train", taken.get(split, range(1 if own else 2, SHARES))

    def notes(self) -> list[str]:
        """Where the rows come from and how they are split, a line each.

        Raises:
            What `files` raises.
        """
        folder, (test, _) = self.mirrored(), self.source("test")
        version = folder or f"the hub, commit {snapshot.commit(self.identifier, self.revision)[:12]}"
        carved = [split for split in ("validation", "test") if self.source(split)[0] == "train"]
        lines = [f"read from {version}"]
        if test == "validation":
            lines.append("no test split: the validation split tests")
        lines += [
            f"no other {split} split: of the train texts one in {SHARES}, by hash, is kept for it" for split in carved
        ]
        return lines

    def _read(self, stored: str, limit: Limit) -> Iterator[tuple[Row, Example | None]]:
        rows = islice(self.rows(stored), limit if stored == "train" else None)
        for index, row in enumerate(rows):
            yield row, self.columns.example(row.cells, where=row.place, document=f"{stored}-{index}")

    def _places(self) -> tuple[str, str]:
        """The folders that may hold the files: of a mirror, and of the hub."""
        return self.config or "data", self.folder or self.config or "default"

    def _patterns(self) -> list[str]:
        """What is fetched: not the other configurations, nor splits that nobody asks for."""
        return [f"{self._places()[1]}/{name}*" for name in (*SPLITS, *self.names)]

    def _fetched(self) -> Path:
        folder = snapshot.fetched(self.identifier, self.revision, self._patterns()) / self._places()[1]
        if not folder.is_dir():
            raise DataError(
                f"{self.identifier}: the hub has no {self._places()[1]} at {self.revision}; name a local mirror: "
                f"--mirror DIR or {MIRROR}=DIR"
            )
        return folder

    def _mirror_folder(self) -> Path | None:
        root = Path(os.environ[MIRROR]) / self.identifier
        return next((root / place for place in self._places() if (root / place).is_dir()), None)

    def _check_classes(self, path: Path, table: Reader) -> None:
        """A file may name the classes that it gives by number; the names must then be the ones we know, in order."""
        column = self.columns.label or self.columns.tags
        stated = table.classes().get(column or "", self.columns.labels)
        if stated != self.columns.labels:
            raise DataError(
                f"{path}: column {column} numbers its classes {', '.join(stated)}; expected "
                f"{', '.join(self.columns.labels)}"
            )
