"""What is said about two arms."""

import re
from dataclasses import replace

import numpy as np
import pytest
from simulated_studies import SEED_SD, Design, gain, share_decided

from tandem.core.errors import UsageError
from tandem.lab.statistics.estimate import estimate
from tandem.lab.statistics.permutation import permutation_p
from tandem.lab.statistics.power import replace_seeds, seeds_needed
from tandem.lab.statistics.verdict import Verdict, verdicts

CLEAR = {"lstm": np.array([0.50, 0.51, 0.49, 0.50]), "both": np.array([0.60, 0.612, 0.588, 0.603])}
CLOSE = {"lstm": np.array([0.50, 0.53, 0.49, 0.50]), "both": np.array([0.51, 0.52, 0.50, 0.51])}


def test_the_sentence_names_the_better_one_first_whichever_direction_is_better() -> None:
    pattern = r"is better than {} by 0\.100[78] \[0\.09\d\d, 0\.10\d\d\] \(p = [\d.e-]+, 4 seeds\)$"
    (higher,) = verdicts(CLEAR, higher_is_better=True)
    assert higher.decided
    assert re.search("^both " + pattern.format("lstm"), higher.sentence())
    (lower,) = verdicts(CLEAR, higher_is_better=False)
    assert re.search("^lstm " + pattern.format("both"), lower.sentence())
    assert lower.gain.value == pytest.approx(higher.gain.value)


def test_an_undecided_pair_is_told_how_many_seeds_would_settle_it() -> None:
    (found,) = verdicts(CLOSE, higher_is_better=True)
    assert not found.decided
    told = found.sentence()
    assert told.startswith("both and lstm: no difference shown, 0.005 [-0.0")
    (seeds,) = re.findall(r"about ([\d,]+) seeds would settle a difference of 0\.0050$", told)
    assert int(seeds) == found.seeds_needed() > 4
    assert found.seeds_needed(0.02) < found.seeds_needed()
    (nearly,) = verdicts({**CLOSE, "both": CLOSE["both"] + 0.008}, higher_is_better=True)
    assert not nearly.decided
    assert nearly.sentence(worth=0.025).endswith("a difference of 0.025 would probably have been seen")


def test_one_seed_gives_no_verdict() -> None:
    (found,) = verdicts({name: scores[:1] for name, scores in CLEAR.items()}, higher_is_better=True)
    assert found.sentence() == "both and lstm: no difference shown; of one seed nothing follows about others"


def test_equal_arms_are_not_said_to_differ() -> None:
    (found,) = verdicts({"a": CLEAR["lstm"], "b": CLEAR["lstm"]}, higher_is_better=True)
    assert found.sentence().endswith("their means are equal")
    assert (found.p, found.permutation, found.epsilon) == (1, 1, pytest.approx(0.5, abs=0.5))


def test_all_pairs_share_one_level() -> None:
    arms = dict(zip("abcd", Design(arms=4, seeds=5, items=50).scores(np.random.default_rng(0)), strict=True))
    found = verdicts(arms, higher_is_better=True)
    assert len(found) == 6
    for verdict in found:
        assert verdict.p >= verdict.gain.p_value()
        assert verdict.gain.value >= 0
    assert min(verdict.p for verdict in found) == pytest.approx(min(1, 6 * min(v.gain.p_value() for v in found)))


def test_arms_of_other_seeds_or_items_are_refused() -> None:
    with pytest.raises(UsageError, match=r"b has scores for 3 seeds, a for 4 seeds"):
        verdicts({"a": np.zeros(4), "b": np.zeros(3)}, higher_is_better=True)


@pytest.mark.parametrize("design", [Design(seeds=30, gain=0.01), Design(seeds=30, items=400, gain=0.02)], ids=str)
def test_the_seeds_that_are_asked_for_find_the_difference_in_four_of_five_studies(design: Design) -> None:
    needed = seeds_needed(gain(design), difference=design.gain)
    assert needed is not None
    found = share_decided(Design(seeds=needed, items=design.items, gain=design.gain), studies=300)
    assert 0.72 < found < 0.95


def test_more_seeds_do_not_help_where_the_items_are_too_few() -> None:
    generator = np.random.default_rng(0)
    arms = 0.001 * generator.standard_normal((5, 1)) + 0.5 * generator.standard_normal((1, 30))
    observed = estimate(arms)
    assert seeds_needed(observed, difference=0.05) is None
    found = Verdict("a", "b", replace(observed, value=0.05), p=0.5, permutation=1.0, epsilon=0.4, pairs=1)
    assert found.sentence().endswith("not even 10,000 seeds would settle a difference of 0.050 on these texts")


def test_too_many_seeds_are_not_blamed_on_texts_that_nobody_looked_at() -> None:
    observed = estimate(np.array([0.50, 0.53, 0.49, 0.50]))
    assert seeds_needed(observed, difference=0.0008) is not None
    found = Verdict("a", "b", replace(observed, value=0.0001), p=0.5, permutation=1.0, epsilon=0.4, pairs=1)
    assert found.sentence().endswith("not even 10,000 seeds would settle a difference of 0.00010")


def test_a_difference_that_would_not_matter_is_called_so_whether_it_is_shown_or_not() -> None:
    (shown,) = verdicts(CLEAR, higher_is_better=True)
    assert shown.sentence(worth=0.2).endswith("4 seeds), less than 0.2")
    assert shown.sentence(worth=0.1).endswith("4 seeds)")
    (open_,) = verdicts(CLOSE, higher_is_better=True)
    assert open_.sentence(worth=0.04).endswith("whichever is better, it is by less than 0.040")


def test_the_permutation_test_is_corrected_for_all_pairs_too() -> None:
    arms = dict(zip("abc", Design(arms=3, seeds=8).scores(np.random.default_rng(0)), strict=True))
    found = verdicts(arms, higher_is_better=True)
    alone = sorted(permutation_p(arms[each.first] - arms[each.second]) for each in found)
    assert min(each.permutation for each in found) == pytest.approx(min(1, 3 * alone[0]))


@pytest.mark.parametrize("needed", [3, 4, 6])
def test_few_seeds_of_many_pairs_find_as_often_as_is_foretold(needed: int) -> None:
    observed = replace(estimate(np.zeros(2)), seeds=1000, by_seeds=2 * SEED_SD**2 / 1000, deviation=SEED_SD)
    level = 0.05 / 21
    difference = next(
        size for size in np.geomspace(SEED_SD, 200 * SEED_SD, 400)
        if (seeds_needed(observed, difference=size, level=level) or 0) <= needed
    )  # fmt: skip
    differences = np.random.default_rng(0).normal(difference, np.sqrt(2) * SEED_SD, size=(4000, needed))
    found = np.mean([estimate(each).p_value() <= level for each in differences])
    assert found == pytest.approx(0.8, abs=0.04)
    assert replace_seeds(observed, 500).by_items == pytest.approx(observed.by_items, rel=0.05)


@pytest.mark.parametrize(("scores", "difference"), [(np.zeros(1), 1.0), (np.arange(4.0), 0.0)])
def test_nothing_is_foretold_from_one_seed_or_for_no_difference(scores: np.ndarray, difference: float) -> None:
    with pytest.raises(ValueError, match="seeds_needed"):
        seeds_needed(estimate(scores), difference=difference)
