"""How the two texts of a pair stand in a batch: in a row each, or in one row behind each other."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.data.frame import BARE, Frame
from tandem.data.rows import Rows, filled, padded

Integers = NDArray[np.int64]
FRAME = 3
"""So many positions of `[CLS] a [SEP] b [SEP]` are no text."""


class PairRows(ABC):
    """Says how much of two texts is read, how many positions that takes, and puts pairs into rows."""

    @abstractmethod
    def check(self, length: int) -> None:
        """Refuses a `length` into which no pair fits.

        Raises:
            UsageError: as said.
        """

    @abstractmethod
    def kept(self, firsts: Integers, seconds: Integers, length: int) -> tuple[Integers, Integers]:
        """How many tokens are read of texts with so many, (n,) each, where a row has at most `length` positions."""

    @abstractmethod
    def positions(self, firsts: Integers, seconds: Integers) -> Integers:
        """How many positions pairs of texts with so many tokens take in a batch, padding included; (n,)."""

    @abstractmethod
    def rows(self, firsts: Sequence[list[int]], seconds: Sequence[list[int]]) -> Rows:
        """The rows of pairs of texts, which are short enough."""


@dataclass(frozen=True)
class TwoRows(PairRows):
    """Rows 2i and 2i + 1 are the texts of pair i, each with its `frame` around it."""

    frame: Frame = BARE

    def check(self, length: int) -> None:
        if length < self.frame.size + 1:
            raise UsageError(f"data.length = {length}: a text between [CLS] and [SEP] takes at least 3 positions")

    def kept(self, firsts: Integers, seconds: Integers, length: int) -> tuple[Integers, Integers]:
        room = length - self.frame.size
        return np.minimum(firsts, room), np.minimum(seconds, room)

    def positions(self, firsts: Integers, seconds: Integers) -> Integers:
        positions: Integers = 2 * (np.maximum(firsts, seconds) + self.frame.size)
        return positions

    def rows(self, firsts: Sequence[list[int]], seconds: Sequence[list[int]]) -> Rows:
        texts = [text for pair in zip(firsts, seconds, strict=True) for text in pair]
        rows = padded([self.frame.around(text) for text in texts])
        return Rows(rows.ids, rows.mask, np.arange(len(firsts)))


@dataclass(frozen=True)
class OneRow(PairRows):
    """A row `[CLS] a [SEP] b [SEP]` for each pair, whose `segments` number a 0 and b 1 (Devlin et al. 2019).

    Of a pair that is too long the longer text is cut until both are of one length, then both are. An odd position is
    the longer one's, or else the second's: so cuts `longest_first` of the tokenizers library, by which exports read.
    """

    cls_id: int
    sep_id: int

    def check(self, length: int) -> None:
        if length < FRAME + 2:
            raise UsageError(f"data.length = {length}: [CLS] a [SEP] b [SEP] takes at least {FRAME + 2} positions")

    def kept(self, firsts: Integers, seconds: Integers, length: int) -> tuple[Integers, Integers]:
        room = length - FRAME
        share = np.where(firsts > seconds, room // 2, room - room // 2)
        kept_seconds = np.minimum(seconds, np.maximum(room - firsts, share))
        return np.minimum(firsts, room - kept_seconds), kept_seconds

    def positions(self, firsts: Integers, seconds: Integers) -> Integers:
        return firsts + seconds + FRAME

    def rows(self, firsts: Sequence[list[int]], seconds: Sequence[list[int]]) -> Rows:
        pairs = list(zip(firsts, seconds, strict=True))
        rows = padded([[self.cls_id, *a, self.sep_id, *b, self.sep_id] for a, b in pairs])
        segments = filled([[0] * (len(a) + 2) + [1] * (len(b) + 1) for a, b in pairs], 0)
        return Rows(rows.ids, rows.mask, rows.sequences, segments=segments)
