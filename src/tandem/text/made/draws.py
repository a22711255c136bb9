"""Random choices one after the other, as a pure function of a key and a number."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import TypeVar

import numpy as np

from tandem.core.seeds import uniform

T = TypeVar("T")
AT_ONCE = 512


class Draws:
    """The choices of example `index` under `key`; no other example has part in them."""

    def __init__(self, key: int, index: int) -> None:
        self._numbers = self._uniform(key, index)

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`, all equally likely."""
        return choices[int(next(self._numbers) * len(choices))]

    @staticmethod
    def _uniform(key: int, index: int) -> Iterator[float]:
        for block in count():
            yield from uniform(key, index, np.arange(block * AT_ONCE, (block + 1) * AT_ONCE)).tolist()
