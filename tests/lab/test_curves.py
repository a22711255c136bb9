"""The numbers of learning curves: after the first step, and as a mean over seeds between their places."""

from pathlib import Path

import numpy as np
import pytest

from tandem.lab.curves import mean_curve, spent_and_lost
from tandem.lab.report import measured


def test_a_run_begins_after_its_first_step_and_ends_with_all_it_has_spent(words_run: Path) -> None:
    run = measured(words_run)
    found = spent_and_lost(run)
    assert found["tokens"][0] > 0
    assert found["tokens"][-1] == run.result["tokens"]
    assert found["flops"][-1] == pytest.approx(run.result["training_flops"])
    assert found["seconds"][-1] == pytest.approx(run.seconds)
    assert len(found["loss"]) == 2


def test_seeds_that_evaluate_elsewhere_are_lines_between_their_places() -> None:
    one = np.array([10.0, 30.0]), np.array([4.0, 2.0])
    other = np.array([20.0, 40.0]), np.array([5.0, 3.0])
    curve = mean_curve("LSTM", 0, [one, other])
    assert (curve.x[0], curve.x[-1]) == (20.0, 30.0)
    assert (curve.y[0], curve.y[-1]) == (pytest.approx(4.0), pytest.approx(3.0))
    assert (curve.low[0], curve.high[0]) == (pytest.approx(3.0), pytest.approx(5.0))
    alike = mean_curve("LSTM", 0, [one, one])
    assert list(alike.x) == [10.0, 30.0]
    assert list(mean_curve("LSTM", 0, [one]).low) == []
