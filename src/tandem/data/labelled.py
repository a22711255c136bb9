"""Whole texts with what is known about them: a class or a score."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError, UsageError
from tandem.data.frame import BARE, Frame
from tandem.data.row_notes import absent, check_classes, left_out
from tandem.data.rows import Rows, padded
from tandem.data.source import Source
from tandem.data.store import Store


class Labelled(Source):
    """The examples of a split that have a target, in `frame` and cut to `length` positions; the rest are left out.

    Raises:
        DataError: no example has a target, or all that train have the same. UsageError: `length` has no room.
    """

    def __init__(self, store: Store, split: str, *, length: int, frame: Frame = BARE) -> None:
        if length <= frame.size:
            raise UsageError(f"data.length = {length}: a text between [CLS] and [SEP] takes at least 3 positions")
        found = store.split(split)
        known = np.empty(0, dtype=bool) if found.targets is None else found.targets >= 0
        self.numbers = np.flatnonzero(known)
        if found.targets is None or not self.numbers.size:
            raise DataError(f"the {split} split of corpus {store.meta['corpus']} holds no text whose class is known")
        if split == "train":
            check_classes(store)
        self.tokens, self.targets = found.tokens, found.targets
        self.frame, self.room = frame, length - frame.size
        self.starts, self.ends = found.examples[:-1], found.examples[1:]
        self.store, self.split, self.unknown = store, split, len(known) - self.numbers.size

    def __len__(self) -> int:
        return len(self.numbers)

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._read(sequences) + self.frame.size

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:  # noqa: ARG002
        numbers = self.numbers[sequences]
        starts, sizes = self.starts[numbers].astype(np.int64), self._read(sequences)
        pieces = [
            self.frame.around(self.tokens[start : start + size].tolist())
            for start, size in zip(starts, sizes, strict=True)
        ]
        rows = padded(pieces, sequences)
        return Rows(rows.ids, rows.mask, rows.sequences, targets=self.targets[numbers])

    def examples(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.numbers[sequences]

    def notes(self) -> list[str]:
        cut = int((self._sizes(self.numbers) > self.room).sum())
        notes = [*left_out(self.store, self.split), *absent(self.store, self.split)]
        if cut:
            longer = f"{cut:,} of {len(self):,} texts of the {self.split} split are longer than {self.room} tokens"
            notes.append(f"{longer}: their ends are not read (data.length)")
        if self.unknown:
            notes.append(f"{self.unknown:,} texts of the {self.split} split have no known class and are left out")
        return notes

    def _read(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many tokens of each text are read."""
        return np.minimum(self._sizes(self.numbers[sequences]), self.room)

    def _sizes(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        sizes: NDArray[np.int64] = (self.ends[numbers] - self.starts[numbers]).astype(np.int64)
        return sizes
