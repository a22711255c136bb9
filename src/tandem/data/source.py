"""The contract between a prepared split and an objective: numbered sequences."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from tandem.data.rows import Rows


class Source(ABC):
    """The sequences that an objective reads from one split, by their numbers from 0."""

    @abstractmethod
    def __len__(self) -> int:
        """How many there are."""

    @abstractmethod
    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many positions each of `sequences` (n,) takes in a batch, at most; (n,)."""

    def examples(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number in the split, from 0, of the example that each of `sequences` (n,) is; by default its own."""
        return sequences

    def clusters(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the text that each of `sequences` (n,) is a piece of; by default its example.

        What is said about pieces of one text is not independent, so statistics over texts draw them together.
        """
        return self.examples(sequences)

    def notes(self) -> list[str]:
        """What a user should know about the choice of sequences, a line each: what is cut, and what is left out."""
        return []

    @abstractmethod
    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:
        """The rows of `sequences` (B,); where there is chance in them, a pure function of `key` and the number."""
