"""How many seeds would settle what is undecided."""

from dataclasses import replace

from tandem.lab.statistics.estimate import Estimate
from tandem.lab.statistics.student import beyond, quantile

POWER = 0.8
MOST_SEEDS = 10_000


def seeds_needed(observed: Estimate, *, difference: float, level: float = 0.05, power: float = POWER) -> int | None:
    """How many seeds find a mean of size `difference` in a share `power` of studies, at an error `level`.

    The noise is taken to be as large as `observed`. None where not even `MOST_SEEDS` do it.

    Raises:
        ValueError: one seed was observed, which tells nothing of the noise, or the difference is 0.
    """
    if observed.seeds < 2 or difference == 0:
        raise ValueError("seeds_needed: at least 2 observed seeds and a difference other than 0 are needed")
    low, high = 1, 2
    while not _finds(replace_seeds(observed, high), abs(difference), level, power):
        if high == MOST_SEEDS:
            return None
        low, high = high, min(2 * high, MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        finds = _finds(replace_seeds(observed, middle), abs(difference), level, power)
        low, high = (low, middle) if finds else (middle, high)
    return high


def replace_seeds(observed: Estimate, seeds: int) -> Estimate:
    """What `observed` would look like with another number of `seeds` and the same noise."""
    scale = observed.seeds / seeds
    # By chance the items can differ by less than the noise of their answers lets them.
    noise = min(observed.noise, observed.by_items)
    by_items = observed.by_items - noise + noise * scale
    return replace(observed, seeds=seeds, by_seeds=observed.by_seeds * scale, by_items=by_items, noise=noise * scale)


def _finds(expected: Estimate, difference: float, level: float, power: float) -> bool:
    if expected.error == 0:
        return True
    bound = quantile(level, expected.degrees)
    return beyond(bound, shift=difference / expected.error, degrees=expected.degrees) >= power
