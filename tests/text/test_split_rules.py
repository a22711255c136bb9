"""Rules that split a text which nobody has split yet."""

from collections import Counter

import pytest

from tandem.text.splits import SHARES, every_twentieth, share


def test_of_every_twenty_one_validates_and_one_tests() -> None:
    assert Counter(map(every_twentieth, range(40))) == {"train": 36, "validation": 2, "test": 2}


def test_a_share_is_a_function_of_letters_and_digits_and_all_are_equally_large() -> None:
    assert share("Two dogs, running!") == share("two dogs running") == share(" TWO  dogs running.")
    assert share("two dogs running") != share("three dogs running")
    counted = Counter(share(f"text {number}") for number in range(20_000))
    assert set(counted) == set(range(SHARES))
    assert max(counted.values()) == pytest.approx(1000, rel=0.12)
