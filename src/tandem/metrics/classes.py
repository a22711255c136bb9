"""How well classes are told apart, and how well without reading."""

import numpy as np
from numpy.typing import NDArray


def majority_loss(counts: NDArray[np.int64], gold: NDArray[np.int64]) -> tuple[float, int]:
    """The summed loss of `gold` (N,) in nats under the training frequencies, and how many are the most frequent class.

    `counts` (K,) come from the training split; one is added to each, so that no class is impossible.
    """
    smoothed = counts + 1.0
    log_probabilities = np.log(smoothed) - np.log(smoothed.sum())
    return float(-log_probabilities[gold].sum()), int((gold == counts.argmax()).sum())


def macro_f1(gold: NDArray[np.generic], predicted: NDArray[np.generic]) -> float:
    """The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that occur among the answers (N,).

    A class that is neither to be said nor said has no F1, and is left out, as scikit-learn does.
    """
    numbers = np.union1d(gold, predicted)[:, None]
    is_gold, is_predicted = gold[None, :] == numbers, predicted[None, :] == numbers
    hits = 2.0 * (is_gold & is_predicted).sum(axis=1)
    return float((hits / (is_gold.sum(axis=1) + is_predicted.sum(axis=1))).mean())
