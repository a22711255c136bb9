"""How many runs at a time are trained fastest is measured, once for a study."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from running import written

from tandem.lab.events import Event, Notice
from tandem.lab.studies import pace
from tandem.lab.studies.pace import runs_at_a_time, tokens_a_second
from tandem.lab.studies.study import Study, read_study
from tandem.lab.studies.way import keep_way, parallel_of
from tandem.train.loop import Step

STUDY = 'question = "?"\nrecipe = "shared.toml"\nseeds = [0, 1]\n[equal.tokens]\n[arms.a]\nencoder = "lstm"\n'


@pytest.fixture
def study(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pace, "SECONDS", 0.2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    written(tmp_path / "shared.toml", book, budget__tokens=400)
    (tmp_path / "small.toml").write_text(STUDY + '[arms.b]\nencoder = "gru"\n', encoding="utf-8")
    return read_study(Path("small.toml"))


class Machine:
    """Trainings whose steps of 10 tokens take as many seconds as their place in `seconds` says, the first at once."""

    def __init__(self, *seconds: float, late: float = 0.0) -> None:
        self.seconds, self.late, self.now = seconds, late, 0.0

    def clock(self) -> float:
        return self.now

    def events(self) -> Iterator[tuple[int, Event]]:
        yield 0, Notice("precision fp32")
        # The last training begins late.
        ends = [second + self.late * (number == len(self.seconds) - 1) for number, second in enumerate(self.seconds)]
        taken = [0] * len(ends)
        while True:
            number = min(range(len(ends)), key=ends.__getitem__)
            self.now, taken[number] = ends[number], taken[number] + 1
            ends[number] += self.seconds[number]
            yield number, Step(taken[number], 10 * taken[number], 0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("seconds", "late", "expected"), [((0.5,), 0, 20), ((0.5, 0.5), 0, 40), ((0.1, 1), 90, 110)])
def test_speeds_add_up_from_when_all_take_steps(seconds: tuple[float, ...], late: float, expected: float) -> None:
    machine = Machine(*seconds, late=late)
    assert tokens_a_second(machine.events(), len(seconds), clock=machine.clock) == pytest.approx(expected)
    assert machine.now < late + 10


@pytest.mark.parametrize(("alone", "together", "expected"), [(100.0, 101.0, 2), (100.0, 99.0, 1)])
def test_the_faster_way_is_taken(
    study: Study, monkeypatch: pytest.MonkeyPatch, alone: float, together: float, expected: int
) -> None:
    monkeypatch.setattr(pace, "cores", lambda: 2)
    monkeypatch.setattr(pace, "tokens_a_second", lambda _events, trainings: {1: alone, 2: together}[trainings])
    said: list[str] = []
    assert runs_at_a_time(study, say=said.append) == expected
    assert said[-1].startswith(f"2 runs at a time, of one thread each: {together:,.0f} tokens a second; one")


def test_it_is_measured_by_real_trainings_that_leave_nothing_behind(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "cores", lambda: 2)
    said: list[str] = []
    assert runs_at_a_time(study, say=said.append) in (1, 2)
    assert "one, of all threads (1): " in said[-1]
    assert not study.folder.exists()


def test_one_core_needs_no_measurement_and_no_more_than_there_are_runs(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "cores", lambda: 1)
    assert runs_at_a_time(study) == 1
    monkeypatch.setattr(pace, "cores", lambda: 64)
    monkeypatch.setattr(pace, "side_by_side", lambda work, processes: (pair for pair in [(len(work), processes)]))
    asked: list[int] = []
    monkeypatch.setattr(pace, "tokens_a_second", lambda _events, trainings: asked.append(trainings) or float(trainings))
    assert runs_at_a_time(study) == 4
    assert asked == [1, 4]


def test_a_study_goes_on_as_it_was_begun(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "tokens_a_second", pytest.fail)
    assert parallel_of(study) is None
    keep_way(study, parallel=3, launcher="")
    assert parallel_of(study) == 3
    assert runs_at_a_time(study) == 3
    keep_way(study, parallel=1, launcher="slurm")
    assert parallel_of(study) is None
