"""The order in which sequences are read: batches of a fixed number of positions, grouped by length.

Position is arithmetic: from (epoch, pool, batch) the next batch is computed without reading what came before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tandem.core.seeds import derive, permuted
from tandem.data.source import Source

POOLED_BATCHES = 128
"""How many batches are sorted by length together: with 20 of them 10 % of positions were padding (short reviews)."""
SAMPLED = 4096


@dataclass(frozen=True)
class Position:
    """Which batch comes next."""

    epoch: int = 0
    pool: int = 0
    batch: int = 0


class Stream:
    """An endless stream of batches of sequence numbers, a pure function of (seed, position).

    A batch holds at most `batch_tokens` positions, padding included, and at least one sequence.
    """

    def __init__(self, source: Source, *, batch_tokens: int, seed: int) -> None:
        self.source = source
        self.batch_tokens = batch_tokens
        mean = float(source.lengths(np.arange(min(SAMPLED, len(source)))).mean())
        self.pool = max(1, round(POOLED_BATCHES * batch_tokens / mean))
        self.seed = seed

    def after(self, position: Position) -> Iterator[tuple[NDArray[np.int64], int, Position]]:
        """The batches from `position` on: sequence numbers (B,), their epoch, and the position that follows."""
        epoch, pool, batch = position.epoch, position.pool, position.batch
        pools = -(-len(self.source) // self.pool)
        while True:
            batches = self._pool(epoch, pool)
            for number in range(batch, len(batches)):
                last_of_pool = number + 1 == len(batches)
                last_of_epoch = last_of_pool and pool + 1 == pools
                following = (
                    Position(epoch + 1) if last_of_epoch
                    else Position(epoch, pool + 1) if last_of_pool
                    else Position(epoch, pool, number + 1)
                )  # fmt: skip
                yield batches[number], epoch, following
            epoch, pool, batch = (epoch + 1, 0, 0) if pool + 1 == pools else (epoch, pool + 1, 0)

    def _pool(self, epoch: int, pool: int) -> list[NDArray[np.int64]]:
        size = len(self.source)
        places = np.arange(pool * self.pool, min((pool + 1) * self.pool, size))
        members = permuted(places, size, derive(self.seed, "order", epoch))
        batches = grouped(members, self.source.lengths(members), self.batch_tokens)
        order = permuted(np.arange(len(batches)), len(batches), derive(self.seed, "batches", epoch, pool))
        return [batches[index] for index in order]


def grouped(members: NDArray[np.int64], lengths: NDArray[np.int64], batch_tokens: int) -> list[NDArray[np.int64]]:
    """Cuts `members` (n,), of `lengths` (n,), into batches of similar length, longest first.

    A batch has at most `batch_tokens` positions, padding included, and at least one member.
    """
    order = np.argsort(-lengths, kind="stable")
    members, lengths = members[order], lengths[order]
    batches, start = [], 0
    while start < len(members):
        rows = max(1, batch_tokens // int(lengths[start]))
        batches.append(members[start : start + rows])
        start += rows
    return batches
