"""Sequences of unequal length as one padded array."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """`ids` (B, T) padded with 0, `mask` (B, T) true where there is text, and each row's sequence number (B,)."""

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_]
    sequences: NDArray[np.int64]


def padded(pieces: Sequence[NDArray[np.integer] | list[int]], sequences: NDArray[np.int64] | None = None) -> Rows:
    """Pads `pieces` on the right to the longest of them; rows are numbered from 0 unless `sequences` says otherwise."""
    lengths = np.array([len(piece) for piece in pieces])
    ids = np.zeros((len(pieces), max(1, int(lengths.max(initial=0)))), dtype=np.int64)
    for row, piece in enumerate(pieces):
        ids[row, : len(piece)] = piece
    mask = np.arange(ids.shape[1])[None, :] < lengths[:, None]
    return Rows(ids, mask, np.arange(len(pieces)) if sequences is None else sequences)


def gathered(
    tokens: NDArray[np.uint16] | NDArray[np.uint32], spans: NDArray[np.uint64], sequences: NDArray[np.int64]
) -> Rows:
    """The rows of a memory-mapped split whose numbers are `sequences` (B,)."""
    bounds = spans[sequences].astype(np.int64)
    return padded([tokens[start:end] for start, end in bounds], sequences)
