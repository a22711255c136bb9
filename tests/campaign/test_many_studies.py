"""The tested procedure on many more simulated studies than the suite has time for; with `-s` it prints its shares."""

from itertools import product

import pytest
from simulated_studies import LEVEL, Design, share_decided

pytestmark = pytest.mark.campaign
STUDIES = 2000
# Three standard errors of a share of 5 % among so many studies: there are 57 such shares here.
CHANCE = 0.0146


def shown(design: Design, share: float) -> float:
    print(f"{share:.4f}  {design}")  # noqa: T201
    return share


@pytest.mark.parametrize("noise", ["normal", "heavy", "skewed", "some seeds fail"])
@pytest.mark.parametrize(("arms", "items"), [(2, 0), (2, 100), (2, 500), (4, 0), (4, 100), (6, 0)])
@pytest.mark.parametrize("seeds", [4, 5])
def test_equal_arms_are_called_different_in_at_most_one_of_twenty_studies(
    noise: str, arms: int, items: int, seeds: int
) -> None:
    design = Design(arms, seeds, items, noise=noise)
    assert shown(design, share_decided(design, studies=STUDIES)) <= LEVEL + CHANCE


@pytest.mark.parametrize(("seeds", "shared"), list(product([4, 5, 8], [0.0, 0.5, 0.9])))
def test_however_much_two_arms_share_by_seed(seeds: int, shared: float) -> None:
    design = Design(seeds=seeds, items=200, shared=shared)
    assert shown(design, share_decided(design, studies=STUDIES)) <= LEVEL + CHANCE


@pytest.mark.parametrize("arms", [2, 4, 6])
@pytest.mark.parametrize("items", [0, 500, 2000])
@pytest.mark.parametrize("seeds", [4, 5, 8])
def test_more_difference_is_found_more_often(seeds: int, items: int, arms: int) -> None:
    found = [
        shown(design, share_decided(design, studies=500))
        for design in (Design(arms, seeds, items, gain=gain) for gain in (0.01, 0.02, 0.03, 0.05))
    ]
    assert found == sorted(found)
    assert found[-1] > 0.3
