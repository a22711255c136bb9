"""The learning rate is a function of the share of the budget that is gone, and of nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.core.choices import Decay
from tandem.train.schedule import learning_rate_factor

shares = st.floats(0, 1)
decays = st.sampled_from(["constant", "linear", "cosine"])


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("constant", [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]),
        ("linear", [0.0, 0.5, 1.0, 0.75, 0.5, 0.0]),
        ("cosine", [0.0, 0.5, 1.0, 0.853553, 0.5, 0.0]),
    ],
)
def test_it_warms_up_to_one_and_then_has_the_shape_asked_for(decay: Decay, expected: list[float]) -> None:
    got = [learning_rate_factor(spent, warmup=0.2, decay=decay, floor=0.0) for spent in (0.0, 0.1, 0.2, 0.4, 0.6, 1.0)]
    assert got == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("decay", ["linear", "cosine"])
def test_it_ends_at_the_floor_and_stays_there_when_the_last_step_overshoots(decay: Decay) -> None:
    for spent in (1.0, 1.3):
        assert learning_rate_factor(spent, warmup=0.1, decay=decay, floor=0.25) == pytest.approx(0.25)


def test_without_warmup_it_begins_at_its_peak_and_with_nothing_else_it_never_falls() -> None:
    assert learning_rate_factor(0.0, warmup=0.0, decay="linear", floor=0.0) == 1.0
    assert learning_rate_factor(0.5, warmup=1.0, decay="linear", floor=0.0) == 0.5
    assert learning_rate_factor(1.0, warmup=1.0, decay="linear", floor=0.0) == 1.0


@given(shares, shares, decays, shares, shares)
def test_after_the_warmup_it_never_rises_and_never_leaves_the_floor_and_the_peak(
    one: float, other: float, decay: Decay, warmup: float, floor: float
) -> None:
    early, late = sorted([max(one, warmup), max(other, warmup)])
    factors = [learning_rate_factor(spent, warmup=warmup, decay=decay, floor=floor) for spent in (early, late)]
    assert factors[0] >= factors[1] - 1e-12
    assert all(floor - 1e-12 <= factor <= 1 + 1e-12 for factor in factors)
