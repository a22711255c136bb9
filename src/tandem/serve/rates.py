"""How long models take, from how long they took."""

from collections.abc import Mapping

from tandem.serve.jobs import Kind

FIRST_GUESS = 1e-3
"""Seconds for a position until one was measured: ten times what a model of a few million parameters takes."""
KEPT = 0.9
"""How much what was measured counts when the next batch has been."""


class Rates:
    """Seconds for a position, by the kind of job.

    Times and positions are summed apart: a short text that was held up says little about the long ones.
    """

    def __init__(self) -> None:
        self.known: dict[Kind, tuple[float, float]] = {}

    def learn(self, kind: Kind, *, positions: float, seconds: float) -> None:
        """Remembers how long so many positions took."""
        before, read = self.known.get(kind, (0.0, 0.0))
        self.known[kind] = KEPT * before + seconds, KEPT * read + positions

    def seconds(self, positions: Mapping[Kind, int]) -> float:
        """How long so many positions of each kind are expected to take."""
        return sum((count * self._rate(kind) for kind, count in positions.items()), 0.0)

    def _rate(self, kind: Kind) -> float:
        seconds, positions = self.known.get(kind, (FIRST_GUESS, 1.0))
        return seconds / positions
