"""How long models take, from how long they took."""

from collections.abc import Iterable

from tandem.serve.jobs import Job

FIRST_GUESS = 1e-3
"""Seconds for a position until one was measured: ten times what a model of a few million parameters takes."""
NEWEST = 0.3
"""The share of the newest batch in the running mean."""


class Rates:
    """Seconds for a position, by model and action."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], float] = {}

    def learn(self, job: Job, *, positions: float, seconds: float) -> None:
        """Remembers how long so many positions took, for `job` or for it and others of its group."""
        key, rate = (job.served.id, job.action), seconds / positions
        self.known[key] = (1 - NEWEST) * self.known[key] + NEWEST * rate if key in self.known else rate

    def seconds(self, jobs: Iterable[Job]) -> float:
        """How long `jobs` are expected to take, one after the other."""
        return sum((job.tokens * self.known.get((job.served.id, job.action), FIRST_GUESS) for job in jobs), 0.0)
