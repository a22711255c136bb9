"""How long models take, from how long they took."""

import time
from collections.abc import Mapping

import torch

from tandem.nn.model import Model
from tandem.serve.jobs import Kind, Load
from tandem.serve.served import Served

KEPT = 0.9
"""How much what was measured counts when the next batch has been."""
MANY = 256
"""Positions from which on a batch tells how fast positions are read; of fewer, most of the time is the way there."""
READINGS = 3
FIRST = ""
"""The action under which stands what was measured at the start; it tells of every action that was not measured yet."""


class Rates:
    """A request takes as long as its positions at the fastest that any were read, and what requests took beyond that.

    So a short text, nearly all of whose time is the way there, says nothing wrong about a long one. A load without
    requests is a text that is continued token by token: there every position takes what positions took.
    """

    def __init__(self) -> None:
        self.fastest: dict[Kind, float] = {}
        # Seconds, positions and requests of what was measured, the older the less.
        self.known: dict[Kind, tuple[float, float, float]] = {}

    def learn(self, kind: Kind, load: Load, *, seconds: float) -> None:
        """Remembers how long so much took."""
        before, read, asked = self.known.get(kind, (0.0, 0.0, 0.0))
        self.known[kind] = KEPT * before + seconds, KEPT * read + load.positions, KEPT * asked + load.requests
        if load.positions >= MANY:
            pace = seconds / load.positions
            self.fastest[kind] = min(pace, self.fastest.get(kind, pace))

    def seconds(self, loads: Mapping[Kind, Load]) -> float:
        """How long so much of each kind is expected to take; no time where nothing is known of the model."""
        return sum((self._seconds(kind, load) for kind, load in loads.items()), 0.0)

    def least(self, kind: Kind, positions: int | float) -> float:
        """How long so many positions take at the fastest that any were read."""
        return positions * self.fastest.get(kind, self.fastest.get((kind[0], FIRST), 0.0))

    def _seconds(self, kind: Kind, load: Load) -> float:
        found = self.known.get(kind) or self.known.get((kind[0], FIRST))
        if found is None:
            return 0.0
        seconds, read, asked = found
        if not asked:
            return load.positions * seconds / read
        beyond = max(0.0, seconds - self.least(kind, read)) / asked
        return self.least(kind, load.positions) + load.requests * beyond


def measure(served: Served, rates: Rates) -> None:
    """Has a model read a little, so that something is known of it before anybody asks."""
    model, length = served.run.model, min(served.run.recipe.data.length, MANY)
    rows = -(-MANY // length)
    rates.learn((served.id, FIRST), Load(1, 1), seconds=_seconds(model, 1, 1))
    rates.learn((served.id, FIRST), Load(rows * length, 1), seconds=_seconds(model, rows, length))
    # One more token takes a causal model a position, and a masked one all that it sees.
    width = 1 if served.run.objective.asks == "next" else length
    rates.learn((served.id, "generate"), Load(width), seconds=_seconds(model, 1, width))


@torch.no_grad()
def _seconds(model: Model, rows: int, length: int) -> float:
    """For reading that many positions; the first reading of all is the slowest, and the others may be held up."""
    ids, found = torch.zeros((rows, length), dtype=torch.int64, device=model.device), []
    for _ in range(READINGS):
        begin = time.perf_counter()
        model.eval().encoder(ids, torch.ones_like(ids, dtype=torch.bool))
        found.append(time.perf_counter() - begin)
    return min(found)
