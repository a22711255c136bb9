"""Correlations against worked examples and against SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.metrics.correlation import pearson, ranks, spearman

GOLD, SAID = np.array([1.0, 2.0, 2.0, 4.0, 9.0]), np.array([0.2, 0.1, 0.4, 0.4, 0.5])


def test_ranks_are_shared_by_equal_numbers() -> None:
    assert ranks(np.array([7, 1, 7, 7, 0])).tolist() == [4.0, 2.0, 4.0, 4.0, 1.0]


def test_a_worked_example_with_ties() -> None:
    # Ranks 1 2.5 2.5 4 5 and 2 1 3.5 3.5 5: covariance 7.25, variances 9.5 and 9.5.
    assert spearman(GOLD, SAID) == pytest.approx(7.25 / 9.5)
    # Deviations -2.6 -1.6 -1.6 .4 5.4 and -.12 -.22 .08 .08 .18.
    assert pearson(GOLD, SAID) == pytest.approx(1.54 / np.sqrt(41.2 * 0.108))


def test_order_alone_counts_for_spearman_and_a_constant_has_no_correlation() -> None:
    assert spearman(np.array([1, 2, 3]), np.array([-5.0, 0.0, 1e9])) == pytest.approx(1)
    assert spearman(GOLD, -GOLD) == pytest.approx(-1)
    assert pearson(GOLD, np.full(5, 0.3)) == 0
    assert spearman(np.full(5, 0.3), SAID) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=40))
def test_they_agree_with_scipy(pairs: list[tuple[int, int]]) -> None:
    stats = pytest.importorskip("scipy.stats", reason="needs the extra eval")
    one, other = np.array(pairs, dtype=np.float64).T
    if np.ptp(one) and np.ptp(other):
        assert pearson(one, other) == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-9)
        assert spearman(one, other) == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-9)
