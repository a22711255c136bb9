"""The paired permutation test over seeds: it assumes nothing about the noise, and needs many seeds to say anything."""

import numpy as np
from numpy.typing import NDArray

from tandem.lab.statistics.estimate import Scores

MOST_EXACT = 16
SAMPLED = 100_000
# Sums of the same numbers in another order differ in their last digits.
EQUAL = 1 - 1e-9


def permutation_p(differences: Scores) -> float:
    """How often the mean of `differences` (S,) is as far from 0 when each sign is drawn by a coin.

    If two arms are the same, either run of a seed could have had either name, so every choice of signs was as likely.
    Up to 16 seeds all choices are counted; beyond, 100,000 fixed ones are drawn. The least p that n seeds can reach is
    2^(1 - n): 0.125 for 4, 0.0625 for 5, 0.031 for 6.
    """
    signs = _signs(len(differences))
    sums = np.abs(signs @ differences)
    extreme = int((sums >= EQUAL * abs(float(differences.sum()))).sum())
    # What was observed is one of the choices, also where it is not among the drawn ones.
    drawn = len(differences) > MOST_EXACT
    return (extreme + drawn) / (len(signs) + drawn)


def _signs(seeds: int) -> NDArray[np.int8]:
    if seeds > MOST_EXACT:
        return np.random.default_rng(0).choice(np.array([-1, 1], dtype=np.int8), size=(SAMPLED, seeds))
    choices = np.arange(2**seeds)[:, None] >> np.arange(seeds)
    return (1 - 2 * (choices & 1)).astype(np.int8)


def least_p(seeds: int) -> float:
    """The least p that the test can give."""
    return 2.0 ** (1 - seeds)
