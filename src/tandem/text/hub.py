"""Public data sets in the Hugging Face hub's layout: from the hub itself or from a local mirror of it."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tandem.core.errors import DataError, TandemError, UsageError
from tandem.text.columns import Columns
from tandem.text.example import Example

MIRROR = "TANDEM_MIRROR"
SHARES = 20


@dataclass(frozen=True)
class PublicTable:
    """One configuration of a data set on the hub, and which of its columns are read.

    A mirror holds it as `OWNER/NAME/CONFIG/SPLIT-*.parquet`, with `data` for a data set without configurations.
    """

    identifier: str
    columns: Columns
    config: str | None = None

    def identity(self) -> str:
        """Names the content that `examples` would read: the mirror's files with sizes and times, or the hub's id."""
        folder = self.mirrored()
        name = f"{self.identifier}/{self.config}" if self.config else self.identifier
        if folder is None:
            return f"hub:{name}"
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return "mirror:" + ";".join(
            f"{path.relative_to(folder)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files
        )

    def mirrored(self) -> Path | None:
        """The folder with the split files under the mirror named by TANDEM_MIRROR; None where no mirror is named.

        Raises:
            DataError: a mirror is named, and the data set is not in it.
        """
        mirror = os.environ.get(MIRROR)
        if not mirror:
            return None
        folder = Path(mirror) / self.identifier / (self.config or "data")
        if not folder.is_dir():
            raise DataError(
                f"{self.identifier}: not in the mirror {mirror} (set by {MIRROR}); expected the folder {folder}"
            )
        return folder

    def splits(self) -> tuple[str, ...]:
        """The data set's own splits.

        Raises:
            UsageError: the extra `hub` is not installed. DataError: the data set cannot be reached.
        """
        datasets, place = self._library(), self._place()
        with _reading(self.identifier, self.mirrored()):
            return tuple(datasets.get_dataset_split_names(*place))

    def rows(self, split: str) -> Iterator[dict[str, Any]]:
        """The rows of one of the data set's own splits as dictionaries, read batch by batch.

        Raises:
            UsageError: the extra `hub` is not installed. DataError: the data set or the split cannot be had.
        """
        datasets, place = self._library(), self._place()
        with _reading(f"{self.identifier}, split {split}", self.mirrored()):
            yield from datasets.load_dataset(*place, split=split, streaming=True)

    def examples(self, split: str, *, limit: int | None = None) -> Iterator[Example]:
        """The examples of one of Tandem's splits.

        Where the data set has both a validation and a test split, they are these. Where it has one of the two, that
        one tests. What is missing is taken from its train split: of every twenty texts one validates, and one tests if
        there is no other test. The hash of a row's first text decides, so that equal texts, and pairs with the same
        premise, stay on one side. `limit` reads so many rows of the train split.

        Raises:
            What `rows` raises, and DataError for a row that does not fit the columns.
        """
        own = set(self.splits())
        held_out = "test" if "test" in own else "validation" if "validation" in own else None
        stored = held_out if split == "test" and held_out else "train"
        if split == "validation" and {"validation", "test"} <= own:
            stored = "validation"
        for index, row in enumerate(self.rows(stored)):
            if stored == "train" and index == limit:
                return
            where = f"{self.identifier}, split {stored}, row {index}"
            example = self.columns.example(row, where=where, document=f"{stored}-{index}")
            if example and (stored != "train" or split == self._share_of(example.text, own)):
                yield example

    def _share_of(self, text: str, own: set[str]) -> str:
        """Which of Tandem's splits a row of the data set's train split belongs to."""
        if {"validation", "test"} <= own:
            return "train"
        lacking = ["validation"] if own & {"validation", "test"} else ["validation", "test"]
        return dict(enumerate(lacking)).get(share(text), "train")

    def _place(self) -> tuple[str, ...]:
        folder = self.mirrored()
        return (str(folder),) if folder else (self.identifier, *([self.config] if self.config else []))

    def _library(self) -> ModuleType:
        try:
            import datasets
        except ModuleNotFoundError:
            raise UsageError(
                f"{self.identifier}: reading public data sets needs the extra hub: pip install -e '.[hub]' in the clone"
            ) from None
        datasets.disable_progress_bars()
        library: ModuleType = datasets
        return library


@contextmanager
def _reading(what: str, folder: Path | None) -> Iterator[None]:
    try:
        yield
    except TandemError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        place = f"the mirror {folder}" if folder else f"the hub (or set {MIRROR} to a local mirror)"
        raise DataError(f"{what}: cannot be read from {place}: {reason}") from None


def share(text: str) -> int:
    """A number from 0 to 19, a pure function of `text`."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % SHARES
