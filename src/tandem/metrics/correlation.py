"""How well one row of numbers goes up and down with another."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.generic]


def pearson(one: Numbers, other: Numbers) -> float:
    """The correlation of two rows of numbers (N,), from -1 to 1; 0 where one of them never changes.

    >>> pearson(np.array([1, 2, 3]), np.array([2, 4, 6]))
    1.0
    """
    first, second = (row.astype(np.float64) - row.astype(np.float64).mean() for row in (one, other))
    norm = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / norm) if norm else 0.0


def spearman(one: Numbers, other: Numbers) -> float:
    """The same of their ranks: whether the order is right, whatever the distances.

    >>> spearman(np.array([1, 2, 3]), np.array([1, 10, 100]))
    1.0
    """
    return pearson(ranks(one), ranks(other))


def ranks(numbers: Numbers) -> NDArray[np.float64]:
    """The ranks of `numbers` (N,) from 1; equal numbers share the mean of theirs.

    >>> ranks(np.array([30, 10, 30, 20])).tolist()
    [3.5, 1.0, 3.5, 2.0]
    """
    _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: NDArray[np.float64] = (last - (counts - 1) / 2)[places]
    return shared
