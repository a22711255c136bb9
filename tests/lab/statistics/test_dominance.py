"""Almost stochastic order."""

import numpy as np
import pytest

from tandem.lab.statistics.dominance import epsilon, violation

GENERATOR = np.random.default_rng(0)


def by_a_fine_grid(first: np.ndarray, second: np.ndarray) -> float:
    """The share of the squared distance of quantiles that violates the order, at 100,000 places."""
    places = (np.arange(100_000) + 0.5) / 100_000
    gap = np.quantile(first, places, method="inverted_cdf") - np.quantile(second, places, method="inverted_cdf")
    return float((gap[gap < 0] ** 2).sum() / (gap**2).sum())


@pytest.mark.parametrize(("n", "m"), [(4, 4), (5, 7), (3, 10)])
def test_the_sum_over_steps_is_the_integral(n: int, m: int) -> None:
    first, second = GENERATOR.standard_normal(n) + 0.3, GENERATOR.standard_normal(m)
    assert violation(first, second) == pytest.approx(by_a_fine_grid(first, second), abs=1e-3)
    assert violation(first, second) + violation(second, first) == pytest.approx(1)


def test_normal_distributions_of_equal_mean_and_unequal_spread_share_the_distance_evenly() -> None:
    first, second = GENERATOR.standard_normal(20_000), 2 * GENERATOR.standard_normal(20_000)
    assert violation(first, second) == pytest.approx(0.5, abs=0.03)


def test_whoever_is_better_in_every_quantile_is_never_violated() -> None:
    assert violation(np.array([2.0, 3.0]), np.array([1.0, 2.5])) == 0
    assert violation(np.array([1.0, 2.5]), np.array([2.0, 3.0])) == 1
    assert violation(np.ones(3), np.ones(3)) == 0.5


def test_the_bound_is_above_the_violation_and_less_so_for_many_runs() -> None:
    bounds = []
    for runs in (6, 100):
        first, second = GENERATOR.standard_normal(runs) + 1, GENERATOR.standard_normal(runs)
        assert violation(first, second) <= epsilon(first, second) <= 1
        bounds.append(epsilon(first, second))
    assert bounds[1] < bounds[0] + 0.05
    assert bounds[1] < 0.05


def test_two_calls_agree() -> None:
    first, second = GENERATOR.standard_normal(5), GENERATOR.standard_normal(5)
    assert epsilon(first, second) == epsilon(first, second)
