"""Student's t against printed tables."""

import numpy as np
import pytest

from tandem.lab.statistics.student import beyond, quantile, two_sided


@pytest.mark.parametrize(
    ("degrees", "outside", "t"),
    [(1.0, 0.05, 12.7062), (3.0, 0.05, 3.18245), (3.0, 0.01, 5.84091), (4.0, 0.05, 2.77645), (10.0, 0.002, 4.14370)],
)
def test_quantiles_are_those_of_the_tables(degrees: float, outside: float, t: float) -> None:
    assert quantile(outside, degrees) == pytest.approx(t, abs=1e-4)
    assert two_sided(-t, degrees) == pytest.approx(outside, rel=1e-5)


def test_many_degrees_give_the_normal_distribution() -> None:
    assert quantile(0.05, 1e9) == pytest.approx(1.95996, rel=2e-3)


def test_it_agrees_with_scipy_for_broken_degrees_and_far_tails() -> None:
    stats = pytest.importorskip("scipy.stats")
    for degrees in (1.0, 2.5, 7.3, 80.0, 999.0):
        for t in (0.0, 0.3, 2.0, 15.0):
            assert two_sided(t, degrees) == pytest.approx(2 * stats.t.sf(t, degrees), rel=1e-9)


@pytest.mark.parametrize(("degrees", "shift"), [(3.0, 2.0), (3.0, 12.0), (7.0, 3.5), (40.0, 0.0)])
def test_the_noncentral_distribution_is_that_of_drawn_numbers(degrees: float, shift: float) -> None:
    generator = np.random.default_rng(0)
    drawn = (generator.standard_normal(200_000) + shift) / np.sqrt(generator.chisquare(degrees, 200_000) / degrees)
    for t in np.quantile(drawn, [0.1, 0.5, 0.9]):
        assert beyond(t, shift=shift, degrees=degrees) == pytest.approx(np.mean(drawn > t), abs=0.004)
