"""Many comparisons at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of a family of comparisons, each raised so that all errors together stay at its level.

    The least of k is multiplied by k, the next by k - 1, and so on; none falls below the one before it.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    adjusted = [1.0] * len(p_values)
    reached = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = reached
    return adjusted
