"""What other items would change about a score that is no mean over items: F1, BLEU, a correlation."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000


def by_items(measure: Callable[[NDArray[np.int64]], float], items: int, *, draws: int = DRAWS, seed: int = 0) -> float:
    """The variance of `measure` when as many items are drawn anew, with replacement, from the `items` there are.

    `measure` gets the numbers (N,) of the drawn items and gives the mean over seeds of the score on them; for two arms,
    that of their difference. Items that belong together, such as the sentences of a document, should be drawn together:
    then `items` are the documents.
    """
    generator = np.random.default_rng(seed)
    return float(np.var([measure(generator.integers(items, size=items)) for _ in range(draws)], ddof=1))
