"""Two by two."""

import numpy as np
import pytest

from tandem.lab.statistics.factorial import effects


def arms(recurrence: float, attention: float, interaction: float, *, noise: float = 0.0) -> tuple[np.ndarray, ...]:
    """Scores (5, 40) of neither, recurrence, attention and both, whose seeds and items differ a lot but equally."""
    generator = np.random.default_rng(0)
    common = generator.standard_normal((5, 1)) + generator.standard_normal((1, 40))
    gains = (0.0, recurrence, attention, recurrence + attention + interaction)
    return tuple(common + gain + noise * generator.standard_normal((5, 40)) for gain in gains)


def test_what_was_put_in_comes_out() -> None:
    found = effects(*arms(0.2, 0.5, -0.1))
    assert found.recurrence.value == pytest.approx(0.2 - 0.1 / 2)
    assert found.attention.value == pytest.approx(0.5 - 0.1 / 2)
    assert found.interaction.value == pytest.approx(-0.1)


def test_what_all_arms_share_of_seeds_and_items_leaves_no_error() -> None:
    assert effects(*arms(0.2, 0.5, -0.1)).interaction.error == pytest.approx(0, abs=1e-9)
    noisy = effects(*arms(0.2, 0.5, 0.0, noise=0.1))
    # Half the sum of four means of 200 answers, and all of it, twice: seeds and items are both said to vary.
    assert noisy.recurrence.error == pytest.approx(np.sqrt(2) * 0.1 / np.sqrt(200), rel=0.3)
    assert noisy.interaction.error == pytest.approx(2 * np.sqrt(2) * 0.1 / np.sqrt(200), rel=0.3)
    low, high = noisy.interaction.interval()
    assert low < 0 < high
    assert noisy.attention.p_value() < 1e-3
