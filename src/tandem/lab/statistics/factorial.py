"""Recurrence and attention as a design of two by two: what each brings, and what only both bring together."""

from dataclasses import dataclass

from tandem.lab.statistics.estimate import Estimate, Scores, estimate


@dataclass(frozen=True)
class Effects:
    """Differences of a score, each with its error over seeds and items.

    `recurrence` and `attention` are main effects: what it brings on average over models with and without the other.
    `interaction` is what both together bring beyond the sum of what each brings alone; below 0 they overlap.
    """

    recurrence: Estimate
    attention: Estimate
    interaction: Estimate


def effects(neither: Scores, recurrence: Scores, attention: Scores, both: Scores) -> Effects:
    """The effects of four arms, (S,) or (S, N) each; row s of all is the same seed, column n the same item.

    `neither` is the arm of the same cost that has no mixing over a distance.
    """
    return Effects(
        recurrence=estimate((recurrence + both - neither - attention) / 2),
        attention=estimate((attention + both - neither - recurrence) / 2),
        interaction=estimate(both - recurrence - attention + neither),
    )
