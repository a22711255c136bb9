import math

import numpy as np
import pytest

from tandem.metrics.classes import macro_f1, majority_loss


def test_the_majority_guess_says_the_most_frequent_class_and_knows_the_frequencies() -> None:
    loss, correct = majority_loss(np.array([5, 2, 0]), np.array([0, 0, 1, 2]))
    assert loss == pytest.approx(-(2 * math.log(6 / 10) + math.log(3 / 10) + math.log(1 / 10)))
    assert correct == 2


def test_macro_f1_is_the_mean_over_classes_of_the_harmonic_mean_of_precision_and_recall() -> None:
    gold, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 2])
    # Class 0: precision 2/3, recall 2/3. Class 1: 1/2 and 1/2. Class 2: 1 and 1.
    assert macro_f1(gold, predicted) == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert macro_f1(gold, gold) == 1.0


def test_macro_f1_counts_the_classes_that_occur_and_those_that_are_said_in_error() -> None:
    assert macro_f1(np.array([0, 2, 2]), np.array([0, 2, 2])) == 1.0
    assert macro_f1(np.array([0, 0]), np.array([0, 1])) == pytest.approx((2 / 3 + 0) / 2)


def test_macro_f1_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chosen = np.random.default_rng(0)
    gold, predicted = chosen.integers(0, 5, 40), chosen.integers(1, 7, 40)
    assert macro_f1(gold, predicted) == pytest.approx(
        metrics.f1_score(gold, predicted, average="macro", zero_division=0)
    )
