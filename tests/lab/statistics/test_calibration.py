"""The tested procedure on studies whose truth is known; `make campaign` simulates more of them."""

import numpy as np
import pytest
from simulated_studies import LEVEL, Design, share_decided

from tandem.lab.statistics.estimate import estimate


@pytest.mark.parametrize(
    "design",
    [
        Design(seeds=4, items=500),
        Design(seeds=5, items=500, shared=0.8),
        Design(seeds=5, noise="heavy", shared=0.0),
        Design(seeds=4, noise="some seeds fail"),
        Design(arms=4, seeds=4),
        Design(arms=3, seeds=5, items=200, taste=0.3),
    ],
    ids=str,
)
def test_equal_arms_are_called_different_in_at_most_one_of_twenty_studies(design: Design) -> None:
    assert share_decided(design, studies=1000) <= LEVEL


@pytest.mark.parametrize("seeds", [4, 5])
def test_for_scores_of_whole_splits_it_is_one_of_twenty_and_no_less(seeds: int) -> None:
    # Exactly 5 % if seeds are normal; 4,000 studies tell it to within 0.7 points, twice their standard error.
    assert share_decided(Design(seeds=seeds), studies=4000) == pytest.approx(LEVEL, abs=0.007)


@pytest.mark.parametrize(
    ("design", "power"),
    [
        # By seed the difference varies by 1.2 points: two and a half of its deviations are found by 4 seeds.
        (Design(seeds=4, gain=0.03), 0.8),
        (Design(seeds=5, gain=0.03), 0.9),
        (Design(seeds=5, items=1000, gain=0.03), 0.6),
        (Design(arms=4, seeds=5, gain=0.05), 0.8),
    ],
    ids=str,
)
def test_a_difference_is_found_at_the_stated_power(design: Design, power: float) -> None:
    assert share_decided(design, studies=500) >= power


@pytest.mark.parametrize(
    "design",
    [
        Design(seeds=4, gain=0.01),
        Design(seeds=5, items=300, gain=0.01),
        # Other texts would please another arm: the seeds alone would hold the truth in 57 % of these studies.
        Design(seeds=8, items=100, gain=0.01, taste=0.3),
    ],
    ids=str,
)
def test_the_interval_holds_the_truth_in_at_least_nineteen_of_twenty_studies(design: Design) -> None:
    generator = np.random.default_rng(1)
    held = []
    for _ in range(250):
        first, second = design.scores(generator)
        low, high = estimate(first - second).interval()
        held.append(low <= design.gain <= high)
    assert np.mean(held) >= 0.93
