"""Budgets in words, and the forecast that is made from measured steps."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from running import tiny, trained

from tandem.core.errors import UsageError
from tandem.lab.budgeting import Forecast, budget_override, forecast, tokens_for
from tandem.lab.evaluate import Scores
from tandem.lab.events import Evaluated, Event
from tandem.train.loop import Step


@pytest.mark.parametrize(
    ("text", "override"),
    [
        ("90s", "budget.seconds=90"),
        ("10m", "budget.seconds=600"),
        ("1.5h", "budget.seconds=5400"),
        ("1h30m", "budget.seconds=5400"),
        ("1h1m1s", "budget.seconds=3661"),
        ("2e6tokens", "budget.tokens=2000000"),
        ("2Mtokens", "budget.tokens=2000000"),
        ("2.5M tokens", "budget.tokens=2500000"),
        ("80k tokens", "budget.tokens=80000"),
        ("500steps", "budget.steps=500"),
    ],
)
def test_a_budget_is_a_time_or_tokens_or_steps(text: str, override: str) -> None:
    assert budget_override(text) == override


@pytest.mark.parametrize(
    "text", ["", "10", "ten minutes", "2M", "-3m", "0s", "0.4steps", "3m1h", "1e999s", "5tokens/s"]
)
def test_anything_else_is_refused_with_what_is_legal(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--budget .*: write a time \(90s, 10m, 1h30m\), tokens"):
        budget_override(text)


class Acted:
    """A training whose first two steps take 9 seconds, later ones 2, evaluations 5; its clock says so."""

    def __init__(self, *, steps: int = 10**6) -> None:
        self.time, self.steps, self.taken = 100.0, steps, 0

    def clock(self) -> float:
        return self.time

    def events(self) -> Iterator[Event]:
        # The corpus is prepared, and then evaluated on.
        self.time += 30 + 5
        yield Evaluated(0, 0, Scores(1.0, 0.1, 2.0, 0.1, 50), [], seconds=5.0)
        for number in range(1, self.steps):
            self.time += 9 if number < 3 else 2
            self.taken = number
            yield Step(number, 1000 * number, loss=1.0, accuracy=0.1, norm=1.0, rate=0.1, spent=0.0)


def test_a_forecast_leaves_out_the_first_steps_and_takes_off_the_evaluations() -> None:
    acted = Acted()
    found = forecast(acted.events(), seconds=600.0, evaluations=11, clock=acted.clock)
    assert (found.speed, found.evaluating) == (500, 55)
    # 500 tokens a second for 545 seconds, down to three digits.
    assert (found.tokens, found.steps) == (272_000, 272)
    assert acted.taken == 2 + 5


def test_a_short_budget_is_measured_for_a_tenth_of_it_but_for_a_step_at_least() -> None:
    for seconds, steps in ((45.0, 2 + 3), (3.0, 2 + 1)):
        acted = Acted()
        forecast(acted.events(), seconds=seconds, evaluations=1, clock=acted.clock)
        assert acted.taken == steps


def test_half_of_a_budget_is_for_training_however_long_evaluations_take() -> None:
    acted = Acted()
    assert forecast(acted.events(), seconds=60.0, evaluations=100, clock=acted.clock).tokens == 15_000


def test_the_line_says_when_it_ends() -> None:
    line = Forecast(tokens=3_600_000, steps=900, speed=1000.0, evaluating=120.0).line(datetime(2026, 3, 1, 22, 30))
    assert line == (
        "budget 3,600,000 tokens: about 900 steps at 1,000 tokens/s and 120 s of evaluations, until 23:32:00; "
        "then the final scoring"
    )
    late = Forecast(tokens=7_200_000, steps=1800, speed=1000.0, evaluating=0.0).line(datetime(2026, 3, 1, 22, 30))
    assert "until Monday 00:30:00" in late


def test_a_run_that_has_begun_keeps_its_budget_and_a_new_one_is_measured(book: Path, tmp_path: Path) -> None:
    begun = trained(tiny(book, budget__tokens=700), tmp_path / "begun")
    timed, said = tiny(book, budget__seconds=0.5), []
    assert tokens_for(timed, begun, say=said.append) == 700
    assert said == ["budget 700 tokens, as when the run began"]
    assert tokens_for(timed, tmp_path / "new", say=said.append) > 0
    assert "tokens/s" in said[-1]
    assert not (tmp_path / "new").exists()
