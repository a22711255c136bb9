from collections import Counter

import numpy as np
import pytest

from tandem.core.seeds import bits, derive, permuted, uniform

SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 63, 64, 65, 255, 256, 257, 1000, 2048, 4097, 100_003]


@pytest.mark.parametrize("size", SIZES)
def test_a_permutation_meets_every_number_once(size: int) -> None:
    for key in (0, 1, derive(7, "order", 3)):
        assert np.array_equal(np.sort(permuted(np.arange(size), size, key)), np.arange(size))


def test_nothing_is_permuted_where_there_is_nothing() -> None:
    assert permuted(np.arange(0), 0, 1).size == 0


def test_a_permutation_is_computed_anywhere_without_the_rest_of_it() -> None:
    whole = permuted(np.arange(1000), 1000, 5)
    some = np.array([999, 0, 17, 17, 500])
    assert np.array_equal(permuted(some, 1000, 5), whole[some])


def test_permutations_of_two_keys_have_nothing_in_common() -> None:
    first, second = (permuted(np.arange(10_000), 10_000, key) for key in (1, 2))
    # Two random permutations agree in one place on average.
    assert (first == second).sum() < 10
    assert (first == np.arange(10_000)).sum() < 10
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert abs(np.corrcoef(first, np.arange(10_000))[0, 1]) < 0.05


def test_every_order_of_three_things_comes_about_equally_often() -> None:
    orders = Counter(tuple(permuted(np.arange(3), 3, derive(0, key)).tolist()) for key in range(1200))
    assert len(orders) == 6
    assert min(orders.values()) > 120
    assert max(orders.values()) < 280


def test_uniform_numbers_have_the_mean_and_the_variance_of_the_unit_interval() -> None:
    numbers = uniform(3, np.arange(1000)[:, None], np.arange(400)[None, :])
    assert numbers.shape == (1000, 400)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    # Five standard errors at 400,000 draws.
    assert abs(numbers.mean() - 1 / 2) < 0.0023
    assert abs(numbers.var() - 1 / 12) < 0.0006
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    assert np.abs(counts - 20_000).max() < 5 * np.sqrt(20_000)


def test_neighbouring_counters_and_keys_give_unrelated_numbers() -> None:
    rows, columns = np.arange(500)[:, None], np.arange(200)[None, :]
    numbers = uniform(3, rows, columns)
    for other in (uniform(4, rows, columns), uniform(3, rows + 1, columns), uniform(3, rows, columns + 1)):
        assert abs(np.corrcoef(numbers.ravel(), other.ravel())[0, 1]) < 0.02


def test_a_number_does_not_depend_on_what_is_drawn_beside_it() -> None:
    batch = uniform(9, np.array([4, 90_000, 2])[:, None], np.arange(30)[None, :])
    assert batch[1, 17] == uniform(9, 90_000, 17)
    assert np.array_equal(batch[:, :5], uniform(9, np.array([4, 90_000, 2])[:, None], np.arange(5)[None, :]))


def test_the_order_of_the_counters_matters() -> None:
    assert bits(0, 1, 2) != bits(0, 2, 1)


def test_keys_are_non_negative_and_fit_into_63_bits() -> None:
    assert all(0 <= derive(seed, "name", seed) < 2**63 for seed in range(1000))


def test_unequal_names_give_unequal_keys() -> None:
    names = [(0,), (1,), (0, "a"), (0, "b"), (0, "a", "b"), (0, "b", "a"), (0, "ab"), (0, "a", 1), (0, "a", 2),
             (0, "a1"), (10, "a"), (1, "0a")]  # fmt: skip
    keys = [derive(*name) for name in names]
    assert len(set(keys)) == len(keys)


def test_keys_and_numbers_stay_the_same_from_release_to_release() -> None:
    """A run that is resumed under a later version must see the same data."""
    assert derive(0, "order", 1) == 3818025765772773313
    assert bits(1, 2, 3) == 18033266510182275735
    assert permuted(np.arange(8), 8, 1).tolist() == [1, 7, 4, 3, 0, 6, 5, 2]
