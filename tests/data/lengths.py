"""A source of empty sequences: only their lengths matter."""

import numpy as np
from numpy.typing import NDArray

from tandem.data.rows import Rows, padded
from tandem.data.source import Source


class Lengths(Source):
    """Sequence n has `sizes[n]` tokens."""

    def __init__(self, sizes: NDArray[np.int64]) -> None:
        self.sizes = sizes

    def __len__(self) -> int:
        return len(self.sizes)

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.sizes[sequences]

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:
        return padded([[key] * size for size in self.sizes[sequences]], sequences)
