"""Sequences of unequal length as one padded array."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """`ids` (B, T) padded with 0, `mask` (B, T) true where there is text, and each row's sequence number (B,).

    Where the source has them: `segments` (B, T) numbers the text that a token belongs to, `targets` (B,) holds a class
    or a score for each row, `tags` (B, T) a tag where a word begins and -1 elsewhere, `before` (B,) the token in front
    of a row, or -1 where a text begins. `seconds` (B, U) holds a second text for each row, padded with 0.
    """

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_]
    sequences: NDArray[np.int64]
    segments: NDArray[np.int64] | None = None
    targets: NDArray[np.int64] | NDArray[np.float64] | None = None
    tags: NDArray[np.int64] | None = None
    before: NDArray[np.int64] | None = None
    seconds: NDArray[np.int64] | None = None


def moved(rows: Rows, ids: NDArray[np.int64], begin: int) -> NDArray[np.int64]:
    """`ids` (B, T) one position to the right, as they are read by who must tell each from those before it.

    In front stands the token before the row, or `begin` where a text begins.
    """
    before = np.full(len(ids), -1) if rows.before is None else rows.before
    first = np.where(before < 0, begin, before)
    return np.concatenate([first[:, None], ids[:, :-1]], axis=1) * rows.mask


Piece = NDArray[np.integer] | list[int]


def padded(pieces: Sequence[Piece], sequences: NDArray[np.int64] | None = None) -> Rows:
    """Pads `pieces` on the right to the longest of them; rows are numbered from 0 unless `sequences` says otherwise."""
    lengths = np.array([len(piece) for piece in pieces])
    ids = filled(pieces, 0)
    mask = np.arange(ids.shape[1])[None, :] < lengths[:, None]
    return Rows(ids, mask, np.arange(len(pieces)) if sequences is None else sequences)


def filled(pieces: Sequence[Piece], value: int) -> NDArray[np.int64]:
    """`pieces` as one array (B, T) with `value` behind each."""
    longest = max((len(piece) for piece in pieces), default=0)
    array = np.full((len(pieces), max(1, longest)), value, dtype=np.int64)
    for row, piece in enumerate(pieces):
        array[row, : len(piece)] = piece
    return array
