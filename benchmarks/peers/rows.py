"""The text that everybody reads, as arrays: needs NumPy alone."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.int64]


class Rows(NamedTuple):
    """`ids` (N, T) padded with 0, `lengths` (N,), and of held-out text `labels` (N, T), -100 where none is asked."""

    ids: Array
    lengths: Array
    labels: Array


def load(path: str) -> Rows:
    """What `benchmarks.contest.write_rows` wrote."""
    with np.load(path) as file:
        return Rows(*(file[name].astype(np.int64) for name in Rows._fields))


def masked(ids: Array, lengths: Array, generator: np.random.Generator, of: dict[str, Any]) -> tuple[Array, Array]:
    """Inputs and labels (B, T) of BERT's masking: 15 % of the tokens, of these 80 % hidden and 10 % random."""
    text = np.arange(ids.shape[1])[None, :] < lengths[:, None]
    chosen = text & (generator.random(ids.shape) < 0.15)
    labels = np.where(chosen, ids, -100)
    draw = generator.random(ids.shape)
    inputs = np.where(chosen & (draw < 0.8), of["mask"], ids)
    first, end = of["ordinary"]
    random = generator.integers(first, end, ids.shape)
    return np.where(chosen & (draw >= 0.9), random, inputs), labels
