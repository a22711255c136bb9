"""The learning rate as a function of the share of the budget that is spent."""

import math

from tandem.core.choices import Decay


def learning_rate_factor(spent: float, *, warmup: float, decay: Decay, floor: float) -> float:
    """What the peak learning rate is multiplied by when the share `spent` of the budget is gone.

    It rises linearly to 1 at `warmup`, then falls to `floor` at 1, linearly or along half a cosine, or stays.
    """
    if spent < warmup:
        return spent / warmup
    if decay == "constant" or warmup >= 1:
        return 1.0
    left = 1 - min(1.0, (spent - warmup) / (1 - warmup))
    shape = left if decay == "linear" else 0.5 - 0.5 * math.cos(math.pi * left)
    return floor + (1 - floor) * shape
