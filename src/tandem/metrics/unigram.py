"""The floor under every language model: guessing by frequency alone."""

import numpy as np
from numpy.typing import NDArray


def unigram_loss(counts: NDArray[np.int64], labels: NDArray[np.int64]) -> tuple[float, int]:
    """The summed loss of `labels` (N,) in nats under training frequencies, and how many are the most frequent token.

    `counts` (V,) come from the training text; one is added to each, so that an unseen token has a probability.
    """
    smoothed = counts + 1.0
    log_probabilities = np.log(smoothed) - np.log(smoothed.sum())
    return float(-log_probabilities[labels].sum()), int((labels == counts.argmax()).sum())
