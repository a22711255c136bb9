"""Signs drawn by a coin, and many comparisons at once."""

from itertools import product

import numpy as np
import pytest

from tandem.lab.statistics.holm import holm
from tandem.lab.statistics.permutation import least_p, permutation_p


def test_every_choice_of_signs_is_counted_for_few_seeds() -> None:
    differences = np.array([0.3, 0.1, -0.2, 0.4, 0.25])
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=5)]
    expected = sum(found >= sum(differences) - 1e-12 for found in sums) / 32
    assert permutation_p(differences) == expected


@pytest.mark.parametrize("seeds", [2, 4, 5, 6])
def test_few_seeds_cannot_reach_a_small_p(seeds: int) -> None:
    assert permutation_p(np.linspace(1, 2, seeds)) == least_p(seeds) == 2.0 ** (1 - seeds)


def test_equal_arms_have_a_p_of_one() -> None:
    assert permutation_p(np.zeros(5)) == 1


def test_signs_are_drawn_for_many_seeds_and_always_the_same() -> None:
    differences = np.random.default_rng(1).standard_normal(17) + 0.5
    sampled = permutation_p(differences)
    assert sampled == permutation_p(differences)
    # The exact p of the same numbers, by all 131,072 choices.
    signs = 1 - 2 * ((np.arange(2**17)[:, None] >> np.arange(17)) & 1)
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9)
    assert sampled == pytest.approx(exact, abs=0.002)


def test_the_permutation_test_is_calibrated_where_it_can_speak() -> None:
    generator = np.random.default_rng(0)
    found = [permutation_p(generator.standard_normal(7)) <= 0.05 for _ in range(1000)]
    # Exactly 6 of 128 choices can be that extreme.
    assert np.mean(found) == pytest.approx(6 / 128, abs=0.02)


def test_holm_multiplies_the_least_by_all_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.2]) == [0.2]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
