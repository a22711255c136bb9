"""What a person sees while a model trains."""

import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tandem.display import TrainingView, guesses_line, show_table
from tandem.lab.evaluate import Scores
from tandem.lab.events import Evaluated, Event, Notice
from tandem.lab.fill_mask import Guess
from tandem.lab.peers import Peers
from tandem.lab.report import measured
from tandem.train.loop import Step

NAME = "attention[window=4]*2 | lstm  →  runs/[x]"
GUESSES = [Guess("[wind]", 0.5), Guess("storm", 0.25)]


def step(number: int, spent: float) -> Step:
    return Step(step=number, tokens=1000 * number, loss=2.5, accuracy=0.1, norm=1.0, rate=0.1, spent=spent)


def events() -> Iterator[Event]:
    """Two steps far enough apart to be drawn, half of the budget each, between a notice and an evaluation."""
    yield Notice("continuing after step [1]")
    yield step(1, 0.25)
    time.sleep(0.15)
    yield step(2, 0.5)
    scores = Scores(2.25, 0.125, 3.0, 0.1, 100, more={"nsp loss": 0.5, "nsp accuracy": 0.75})
    yield Evaluated(2, 2_000_000, scores, [("The [MASK] wind.", [GUESSES])], 1.5)


@pytest.fixture(scope="module")
def seen() -> str:
    """All that a terminal of 200 columns was sent."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, color_system=None, width=200)
    TrainingView(console).show((NAME, event) for event in events())
    return written.getvalue()


def test_the_run_is_named_with_its_options_and_its_folder(seen: str) -> None:
    assert f"\n{NAME}\n" in seen
    # On the bar itself, too, the brackets of options are no markup.
    assert "attention[window=4]*2 | lstm ━" in seen


def test_the_bar_shows_share_step_loss_speed_and_time_left(seen: str) -> None:
    assert " 50 %" in seen
    assert "step 2  loss 2.500" in seen
    assert re.search(r"[\d,]+ tokens/s  0:0\d", seen)


def test_an_evaluation_stands_beside_the_baseline_with_the_guesses_below(seen: str) -> None:
    line = "step      2   2.00 M tokens  validation loss 2.250 (unigram 3.000)  accuracy 12.5 %"
    assert f"{line}  nsp loss 0.500  nsp accuracy 0.750" in seen
    assert "The [MASK] wind.  [wind] 0.50  storm 0.25" in seen


def test_a_notice_is_shown_as_it_is(seen: str) -> None:
    assert "continuing after step [1]" in seen


def test_guesses_are_one_line() -> None:
    assert guesses_line(GUESSES) == "[wind] 0.50  storm 0.25"


def test_a_table_shows_brackets_and_says_what_is_not_equal(finished: Path) -> None:
    run = measured(finished)
    changed = run.recipe.model_copy(update={"encoder": "attention[window=4]", "task": "other"})
    written = io.StringIO()
    show_table(Console(file=written, width=200), [run, replace(run, recipe=changed)], Peers())
    assert "attention[window=4]\n" in written.getvalue()
    assert "not an equal comparison: the runs differ in task" in written.getvalue()
