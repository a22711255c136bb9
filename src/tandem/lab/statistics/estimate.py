"""A mean over seeds and items, and how far it may be from that of other seeds and other items.

A score (S, N) has a row for each seed and a column for each item of the test set; (S,) holds scores of whole splits.
Both are a sample: other seeds and other items would give another mean. Its standard error is that of a bootstrap that
draws seeds and items (Owen 2007, The pigeonhole bootstrap), here in closed form: the variance of the seeds' means over
S, plus the variance of the items' means over N. A bootstrap's percentiles would be of no use: with 4 seeds their 95 %
interval holds the truth in 80 % of studies. So the error is set against Student's t, with Satterthwaite's degrees of
freedom, rounded down. For a difference this is the test min F' (Clark 1973, The language-as-fixed-effect fallacy). It
counts the noise of single answers twice, and so errs on the side of "no difference".

Two arms that are the same differ by as much in either direction, whatever the noise of a run is like, and this keeps
the test honest for few seeds: see the simulated studies in the tests.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tandem.lab.statistics.student import quantile, two_sided

Scores = NDArray[np.float64]
ROUNDING = 1e-9
"""Means of seeds that differ by less than this share of their mean are equal: 0.9 - 0.8 is not 0.8 - 0.7."""


@dataclass(frozen=True)
class Estimate:
    """A mean `value` over `seeds`, and over `items` of them each; 0 items where only whole splits were scored.

    `deviation` is the standard deviation from seed to seed. Of the squared standard error, `by_seeds` comes from the
    seeds and `by_items` from the items; `noise` is how much of `by_items` more seeds would take away.
    """

    value: float
    seeds: int
    items: int
    deviation: float
    by_seeds: float
    by_items: float = 0.0
    noise: float = 0.0

    @property
    def error(self) -> float:
        """The standard error; infinite for one seed, of which nothing follows about others."""
        return math.sqrt(self.by_seeds + self.by_items)

    @property
    def degrees(self) -> float:
        """Satterthwaite's degrees of freedom of the squared error, rounded down."""
        return degrees_of(self.by_seeds, self.seeds, self.by_items, self.items)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the mean over all seeds and items lies, in a share `level` of such studies."""
        if not math.isfinite(self.error):
            return -math.inf, math.inf
        reach = quantile(1 - level, self.degrees) * self.error
        return self.value - reach, self.value + reach

    def p_value(self) -> float:
        """How probable a mean this far from 0 is, if that over all seeds and items is 0."""
        if self.value == 0 or not math.isfinite(self.error):
            return 1.0
        if self.error == 0:
            # Scores with few digits can differ by the same amount for every seed; then only the signs say something.
            return 2.0 ** (1 - self.seeds)
        return two_sided(self.value / self.error, self.degrees)


def degrees_of(by_seeds: float, seeds: int, by_items: float, items: int) -> float:
    """Satterthwaite's degrees of freedom of the sum of two variances of means, rounded down; at least 1."""
    squares = by_seeds**2 / max(1, seeds - 1) + by_items**2 / max(1, items - 1)
    if squares == 0 or not math.isfinite(squares):
        return float(max(1, seeds - 1))
    return float(max(1, math.floor((by_seeds + by_items) ** 2 / squares + 1e-9)))


def estimate(scores: Scores) -> Estimate:
    """The mean of `scores`, (S,) or (S, N)."""
    seeds = len(scores)
    means = scores if scores.ndim == 1 else scores.mean(axis=1)
    value = float(means.mean())
    if seeds < 2:
        return Estimate(value, seeds, 0, math.nan, math.inf)
    deviation = float(means.std(ddof=1))
    if deviation <= ROUNDING * abs(value):
        deviation = 0.0
    by_seeds = deviation**2 / seeds
    if scores.ndim == 1 or scores.shape[1] < 2:
        return Estimate(value, seeds, 0, deviation, by_seeds)
    columns, items = scores.mean(axis=0), scores.shape[1]
    left = scores - means[:, None] - columns[None, :] + value
    noise = float((left**2).sum()) / ((seeds - 1) * (items - 1)) / (seeds * items)
    return Estimate(value, seeds, items, deviation, by_seeds, float(columns.var(ddof=1)) / items, noise)
