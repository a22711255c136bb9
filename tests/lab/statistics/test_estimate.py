"""Errors over seeds and items, against what resampling gives."""

import math

import numpy as np
import pytest
from simulated_studies import Design

from tandem.lab.statistics.estimate import degrees_of, estimate

SCORES = Design(arms=1, seeds=6, items=80).scores(np.random.default_rng(3))[0]


def resampled(scores: np.ndarray, *, draws: int = 4000) -> np.ndarray:
    """The means (draws,) of seeds and items drawn anew: the bootstrap itself."""
    generator = np.random.default_rng(0)
    seeds, items = scores.shape
    drawn = ((generator.integers(seeds, size=seeds), generator.integers(items, size=items)) for _ in range(draws))
    return np.array([scores[np.ix_(rows, columns)].mean() for rows, columns in drawn])


def test_the_error_is_that_of_a_bootstrap_over_seeds_and_items() -> None:
    found = estimate(SCORES)
    # A bootstrap of S seeds sees their variance too small by (S - 1) / S; the sum counts the single answers twice, as
    # it does.
    expected = found.by_seeds * 5 / 6 + found.by_items * 79 / 80
    assert resampled(SCORES).var() == pytest.approx(expected, rel=0.08)
    assert found.value == pytest.approx(SCORES.mean())
    assert found.deviation == pytest.approx(SCORES.mean(axis=1).std(ddof=1))


def test_noise_is_what_more_seeds_take_away_of_the_variance_by_items() -> None:
    only_items = np.tile(np.random.default_rng(0).standard_normal(200), (5, 1))
    assert estimate(only_items).noise == pytest.approx(0, abs=1e-12)
    only_noise = np.random.default_rng(0).standard_normal((5, 200))
    assert estimate(only_noise).noise == pytest.approx(estimate(only_noise).by_items, rel=0.3)


@pytest.mark.parametrize(
    ("by_seeds", "by_items", "degrees"), [(1.0, 0.0, 3), (0.0, 1.0, 99), (1.0, 1.0, 11), (0.0, 0.0, 3)]
)
def test_degrees_of_freedom_lie_between_those_of_seeds_and_items(
    by_seeds: float, by_items: float, degrees: int
) -> None:
    assert degrees_of(by_seeds, 4, by_items, 100) == degrees


def test_the_interval_holds_zero_exactly_when_p_is_above_its_level() -> None:
    for shift in np.linspace(-1, 1, 21):
        found = estimate(SCORES - SCORES.mean() + shift * 0.3)
        low, high = found.interval()
        assert (low <= 0 <= high) == (found.p_value() >= 0.05)


def test_one_seed_says_nothing_of_others() -> None:
    found = estimate(SCORES[:1])
    assert found.p_value() == 1
    assert found.interval() == (-math.inf, math.inf)


def test_equal_differences_for_all_seeds_are_worth_what_their_signs_are() -> None:
    assert estimate(np.full(4, 0.01)).p_value() == 2**-3
    assert estimate(np.zeros(4)).p_value() == 1


def test_seeds_that_differ_by_rounding_alone_tell_no_more_than_their_signs() -> None:
    found = estimate(np.array([0.9, 0.8]) - np.array([0.8, 0.7]))
    assert found.error == 0
    assert found.p_value() == 0.5
