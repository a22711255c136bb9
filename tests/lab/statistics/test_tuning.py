"""The expected best of so many tries."""

from itertools import product

import numpy as np
import pytest

from tandem.lab.statistics.tuning import expected_best


def test_it_is_the_mean_of_the_best_over_all_ways_to_draw() -> None:
    scores = np.array([0.7, 0.2, 0.5, 0.5])
    expected = [np.mean([max(drawn) for drawn in product(scores, repeat=tries)]) for tries in (1, 2, 3, 4)]
    assert expected_best(scores) == pytest.approx(expected)


def test_one_try_has_the_mean_and_more_never_harm() -> None:
    scores = np.random.default_rng(0).standard_normal(12)
    found = expected_best(scores)
    assert found[0] == pytest.approx(scores.mean())
    assert (np.diff(found) > 0).all()
    assert found[-1] < scores.max()
