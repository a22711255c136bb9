"""Running text as strips side by side, each read window by window from its beginning to its end."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError
from tandem.data.rows import Rows, padded
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.data.stream import Position


class Lanes(Source):
    """A split cut into `lanes` strips of equal length; sequence n is window n // lanes of strip n % lanes.

    Strips cross the boundaries of documents. Each token of the split stands in exactly one sequence.
    """

    def __init__(self, store: Store, split: str, *, length: int, lanes: int) -> None:
        self.tokens = store.split(split).tokens
        if not len(self.tokens):
            raise DataError(f"the {split} split of corpus {store.meta['corpus']} is empty")
        self.length, self.lanes = length, min(lanes, len(self.tokens))
        self.edges = np.linspace(0, len(self.tokens), self.lanes + 1).astype(np.int64)
        self.windows = -(-int(np.diff(self.edges).max()) // length)

    def __len__(self) -> int:
        return self.lanes * self.windows

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        starts, ends = self._bounds(sequences)
        return ends - starts

    def clusters(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the strip."""
        return sequences % self.lanes

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:  # noqa: ARG002
        starts, ends = self._bounds(sequences)
        pieces = [self.tokens[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        is_first = sequences < self.lanes
        before = np.where(is_first, -1, self.tokens[np.maximum(starts - 1, 0)].astype(np.int64))
        rows = padded(pieces, sequences)
        return Rows(rows.ids, rows.mask, rows.sequences, before=before)

    def _bounds(self, sequences: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        window, lane = np.divmod(sequences, self.lanes)
        ends = self.edges[lane + 1]
        starts = np.minimum(self.edges[lane] + window * self.length, ends)
        return starts, np.minimum(starts + self.length, ends)


class LaneStream:
    """All lanes side by side, window after window, epoch after epoch, from any position; a batch has every lane."""

    def __init__(self, source: Lanes) -> None:
        self.source = source

    def after(self, position: Position) -> Iterator[tuple[NDArray[np.int64], int, Position]]:
        """The batches from `position` on: sequence numbers (B,), their epoch, and the position that follows."""
        epoch, window = position.epoch, position.batch
        lanes, windows = self.source.lanes, self.source.windows
        while True:
            ends = window + 1 == windows
            following = Position(epoch + 1) if ends else Position(epoch, 0, window + 1)
            yield np.arange(lanes) + window * lanes, epoch, following
            epoch, _, window = following.epoch, following.pool, following.batch
