"""What a score owes to the number of configurations that were tried."""

import numpy as np

from tandem.lab.statistics.estimate import Scores


def expected_best(scores: Scores) -> Scores:
    """The expected best score after 1, 2, … B tries, (B,), from the validation `scores` (B,) of B tried configurations.

    Higher is better; give a loss with its sign turned. Tries are drawn with replacement from those that were made.

    Source: Dodge et al. 2019, Show your work: improved reporting of experimental results.
    """
    tried = len(scores)
    shares = np.arange(tried + 1) / tried
    powers = shares[None, :] ** np.arange(1, tried + 1)[:, None]
    expected: Scores = np.diff(powers, axis=1) @ np.sort(scores)
    return expected
