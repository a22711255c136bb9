import math

import pytest

from tandem.metrics.bits import bits


def test_bits_do_not_depend_on_how_a_text_is_cut_into_tokens() -> None:
    # A text of 12 characters that has probability 2^-24 under each of three tokenizers.
    nats = 24 * math.log(2)
    for tokens in (1, 3, 12):
        assert bits(nats / tokens, tokens=tokens, units=12) == pytest.approx(2.0)
    assert bits(nats / 3, tokens=3, units=24) == pytest.approx(1.0)
