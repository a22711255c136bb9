"""Texts whose words have tags."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError, UsageError
from tandem.data.frame import BARE, Frame
from tandem.data.row_notes import left_out
from tandem.data.rows import Rows, filled, padded
from tandem.data.source import Source
from tandem.data.store import Store

LISTED = 10


class Tagged(Source):
    """The examples of a split with the tags of their words, in `frame` and cut to `length` positions.

    Raises:
        DataError: no word of the split has a tag. UsageError: `length` has no room.
    """

    def __init__(self, store: Store, split: str, *, length: int, frame: Frame = BARE) -> None:
        if length <= frame.size:
            raise UsageError(f"data.length = {length}: a text between [CLS] and [SEP] takes at least 3 positions")
        found = store.split(split)
        if found.tags is None or not (found.tags >= 0).any():
            raise DataError(f"the {split} split of corpus {store.meta['corpus']} holds no word with a tag")
        self.tokens, self.tags = found.tokens, found.tags
        self.frame, self.room = frame, length - frame.size
        self.starts = found.examples[:-1].astype(np.int64)
        self.sizes = found.examples[1:].astype(np.int64) - self.starts
        self.store, self.split = store, split

    def __len__(self) -> int:
        return len(self.starts)

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._read(sequences) + self.frame.size

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:  # noqa: ARG002
        bounds = [
            slice(start, start + size)
            for start, size in zip(self.starts[sequences], self._read(sequences), strict=True)
        ]
        rows = padded([self.frame.around(self.tokens[bound].tolist()) for bound in bounds], sequences)
        # What stands around a text is no word.
        before, behind = ([-1] * len(ids) for ids in (self.frame.before, self.frame.behind))
        tags = filled([[*before, *self.tags[bound].tolist(), *behind] for bound in bounds], -1)
        return Rows(rows.ids, rows.mask, rows.sequences, tags=tags)

    def notes(self) -> list[str]:
        notes = left_out(self.store, self.split)
        if cut := np.flatnonzero(self.sizes > self.room).tolist():
            lost = sum(
                int((self.tags[start + self.room : start + size] >= 0).sum())
                for start, size in zip(self.starts[cut], self.sizes[cut], strict=True)
            )
            longer = f"{len(cut):,} of {len(self):,} texts of the {self.split} split are longer than {self.room} tokens"
            notes.append(f"{longer}: the {lost:,} words at their ends are not read (data.length)")
        if dropped := self.store.meta["splits"][self.split].get("dropped_words", 0):
            notes.append(f"{dropped:,} words of the {self.split} split have no token and are left out (tokenizer.kind)")
        return notes + ([note] if (note := unseen(self.store, self.split)) else [])

    def _read(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many tokens of each text are read."""
        sizes: NDArray[np.int64] = np.minimum(self.sizes[sequences], self.room)
        return sizes


def unseen(store: Store, split: str) -> str:
    """What to say about tags of `split` that no word of the train split has; nothing where there are none."""
    counts = np.where(store.target_counts > 0, 0, store.target_counts_of(split))
    names = [store.labels[number] for number in np.flatnonzero(counts)]
    if not names:
        return ""
    listed = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
    return (
        f"{int(counts.sum()):,} words of the {split} split have a tag that no word of the train split has ({listed}): "
        "a model cannot learn it, so they count as wrong"
    )
