"""Losses that can be compared between tokenizers."""

import math


def bits(loss: float, *, tokens: int, units: int) -> float:
    """A `loss` in nats per token as bits per unit, of a text that has `tokens` tokens and `units` characters or bytes.

    A tokenizer of long tokens has a high loss per token and few tokens; per character or byte these cancel.
    """
    return loss / math.log(2) * tokens / units
