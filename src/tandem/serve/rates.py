"""How long models take, from how long they took."""

from collections.abc import Mapping

from tandem.serve.jobs import Kind

FIRST_GUESS = 1e-3
"""Seconds for a position until one was measured: ten times what a model of a few million parameters takes."""
NEWEST = 0.3
"""The share of the newest batch in the running mean."""


class Rates:
    """Seconds for a position, by the kind of job."""

    def __init__(self) -> None:
        self.known: dict[Kind, float] = {}

    def learn(self, kind: Kind, *, positions: float, seconds: float) -> None:
        """Remembers how long so many positions took."""
        rate = seconds / positions
        self.known[kind] = (1 - NEWEST) * self.known[kind] + NEWEST * rate if kind in self.known else rate

    def seconds(self, positions: Mapping[Kind, int]) -> float:
        """How long so many positions of each kind are expected to take."""
        return sum((count * self.known.get(kind, FIRST_GUESS) for kind, count in positions.items()), 0.0)
