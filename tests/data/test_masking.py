import numpy as np
import pytest
from numpy.typing import NDArray

from tandem.data.masking import Masking

SPECIAL = (0, 1, 2, 3, 4)
MASK, VOCABULARY = 4, 500
BERT = {"rate": 0.15, "masked": 0.8, "random": 0.1}
SEQUENCES = np.arange(3000) * 7 + 90_000
IDS = np.random.default_rng(0).integers(0, VOCABULARY, size=(3000, 100))
ORDINARY = IDS > MASK


def masking(**shares: float) -> Masking:
    return Masking(MASK, SPECIAL, VOCABULARY, **{**BERT, **shares})


def assert_share(hits: NDArray[np.bool_], expected: float) -> None:
    """Within five standard errors."""
    assert abs(hits.mean() - expected) <= 5 * np.sqrt(expected * (1 - expected) / hits.size) + 1e-12


@pytest.mark.parametrize(
    ("rate", "masked", "random"),
    [(0.15, 0.8, 0.1), (0.15, 1.0, 0.0), (0.4, 0.5, 0.5), (0.02, 0.0, 0.0), (1.0, 0.1, 0.8), (0.3, 0.0, 1.0)],
)
def test_the_shares_are_those_asked_for(rate: float, masked: float, random: float) -> None:
    inputs, chosen = masking(rate=rate, masked=masked, random=random)(IDS, SEQUENCES, 5)
    assert_share(chosen[ORDINARY], rate)
    became_mask = inputs[chosen] == MASK
    changed = (inputs[chosen] != IDS[chosen]) & ~became_mask
    assert_share(became_mask, masked)
    # One of the ordinary tokens that may be drawn is the token itself.
    assert_share(changed, random * (1 - 1 / (VOCABULARY - len(SPECIAL))))


def test_what_is_not_chosen_stays() -> None:
    inputs, chosen = masking()(IDS, SEQUENCES, 5)
    assert np.array_equal(inputs[~chosen], IDS[~chosen])


def test_special_tokens_are_never_chosen() -> None:
    inputs, chosen = masking(rate=1.0)(IDS, SEQUENCES, 5)
    assert np.array_equal(chosen, ORDINARY)
    assert np.array_equal(inputs[~ORDINARY], IDS[~ORDINARY])


@pytest.mark.parametrize("special", [SPECIAL, (0, 1, VOCABULARY - 1), (0, 250, 251)])
def test_special_tokens_are_never_drawn_and_all_others_equally_often(special: tuple[int, ...]) -> None:
    ids = np.full((3000, 100), 100)
    inputs, _ = Masking(special[-1], special, VOCABULARY, 1.0, 0.0, 1.0)(ids, SEQUENCES, 5)
    counts = np.bincount(inputs.ravel(), minlength=VOCABULARY)
    assert counts[list(special)].sum() == 0
    expected = ids.size / (VOCABULARY - len(special))
    others = np.delete(counts, special)
    assert np.abs(others - expected).max() < 5 * np.sqrt(expected)


def test_what_is_drawn_does_not_depend_on_what_becomes_of_a_token() -> None:
    """Were one number used for both, BERT's tenth of random tokens would come from a tenth of the vocabulary."""
    inputs, chosen = masking()(IDS, SEQUENCES, 5)
    drawn = inputs[chosen & (inputs != IDS) & (inputs != MASK)]
    counts, _ = np.histogram(drawn, bins=9, range=(len(SPECIAL), VOCABULARY))
    assert np.abs(counts - drawn.size / 9).max() < 5 * np.sqrt(drawn.size / 9)


def test_a_sequence_is_masked_alike_in_any_batch_and_under_any_padding() -> None:
    inputs, chosen = masking()(IDS, SEQUENCES, 5)
    rows = np.array([2999, 0, 17])
    padded = np.concatenate([IDS[rows], np.zeros((3, 28), dtype=np.int64)], axis=1)
    some_inputs, some_chosen = masking()(padded, SEQUENCES[rows], 5)
    assert np.array_equal(some_inputs[:, :100], inputs[rows])
    assert np.array_equal(some_chosen[:, :100], chosen[rows])
    assert not some_chosen[:, 100:].any()


def test_each_key_and_each_sequence_has_masks_of_its_own() -> None:
    ids = np.tile(IDS[:1], (3000, 1))
    _, chosen = masking()(ids, SEQUENCES, 5)
    _, other = masking()(ids, SEQUENCES, 6)
    ordinary = ORDINARY[0]
    # Independent choices meet in the square of the rate.
    assert_share((chosen & other)[:, ordinary], 0.15**2)
    assert_share((chosen[1:] & chosen[:-1])[:, ordinary], 0.15**2)


def test_positions_are_chosen_apart_from_each_other() -> None:
    _, chosen = masking()(np.full((3000, 100), 100), SEQUENCES, 5)
    assert_share(chosen[:, 1:] & chosen[:, :-1], 0.15**2)
    assert np.abs(chosen.mean(axis=0) - 0.15).max() < 5 * np.sqrt(0.15 * 0.85 / 3000)


def test_what_becomes_of_a_token_does_not_depend_on_why_it_was_chosen() -> None:
    """Were one number used for both, a token with a small one would always become the mask."""
    low, _ = masking(rate=0.1)(IDS, SEQUENCES, 5)
    high, chosen = masking(rate=0.9)(IDS, SEQUENCES, 5)
    assert_share(high[chosen] == MASK, 0.8)
    assert np.array_equal(low[low == MASK], high[low == MASK])
