import math

import numpy as np
import pytest

from tandem.metrics.unigram import unigram_loss


def test_the_loss_and_the_hits_are_those_worked_by_hand() -> None:
    """Counts 0, 3, 1 with one added to each give the shares 1/7, 4/7 and 2/7."""
    loss, correct = unigram_loss(np.array([0, 3, 1]), np.array([1, 2, 1, 0]))
    assert loss == pytest.approx(-2 * math.log(4 / 7) - math.log(2 / 7) - math.log(1 / 7))
    assert correct == 2


def test_a_text_without_counts_costs_the_logarithm_of_the_vocabulary() -> None:
    loss, _ = unigram_loss(np.zeros(8, dtype=np.int64), np.array([7, 3]))
    assert loss == pytest.approx(2 * math.log(8))


def test_without_labels_there_is_nothing_to_lose() -> None:
    assert unigram_loss(np.array([4, 2]), np.array([], dtype=np.int64)) == (0.0, 0)


def test_no_fixed_guess_beats_the_unigram_on_the_text_it_was_counted_on() -> None:
    labels = np.repeat(np.arange(5), [50, 30, 10, 7, 3])
    own, _ = unigram_loss(np.bincount(labels), labels)
    other, _ = unigram_loss(np.bincount(labels)[::-1].copy(), labels)
    assert own < unigram_loss(np.ones(5, dtype=np.int64), labels)[0] < other
