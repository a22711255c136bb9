"""Programs that take turns on one machine: who runs when, for how long, and what is made of what they tell."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import contest
from benchmarks.contest import OF_THE_COMMAND, contender, race, ratio
from benchmarks.time_to_loss import by_turns, first_below

ROOT = Path(__file__).parents[2]
LOOP = """
import os, sys, time
sys.path.insert(0, {peers!r})
from turns import Turns, settings

asked = settings()
turns = Turns(lambda: 0.5)
print("what a library says")
turns.begin("spins " + os.environ.get("GOMP_SPINCOUNT", "on"))
while True:
    with open({log!r}, "a") as file:
        file.write(asked["letter"])
    time.sleep(0.01)
    if asked.get("dies"):
        sys.exit(3)
    turns.step(10)
    if asked.get("ends"):
        turns.finish()
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a made-up loop writes a letter for each of its steps."""
    peers = ROOT / "benchmarks" / "peers"
    for name in ("made", "tandem"):
        content = LOOP.format(peers=str(peers), log=str(tmp_path / "log"))
        (tmp_path / f"{name}_loop.py").write_text(content, encoding="utf-8")
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setattr(contest, "LOOPS", tmp_path)
    return tmp_path / "log"


def test_programs_take_turns_and_each_runs_only_in_its_own(log: Path) -> None:
    entries: list[tuple[str, str, dict[str, Any]]] = [
        ("first", "made", {"letter": "a"}), ("second", "made", {"letter": "b"})
    ]  # fmt: skip
    found = race(entries, rounds=2, seconds=0.03, steps=1)
    steps = log.read_text(encoding="utf-8")
    assert "".join(letter for letter, before in zip(steps, " " + steps, strict=False) if letter != before) == "abab"
    assert found.runs_on == {"first": "spins on", "second": "spins on"}
    # A step over 10 tokens takes 10 ms and a little more.
    assert all(0 < speed <= 1000 for speeds in found.speeds.values() for speed in speeds)


def test_a_turn_may_be_waited_for_later_and_a_loss_be_asked_for_between(log: Path) -> None:
    with contender("made", {"letter": "a"}, name="made") as one:
        one.begin_turn(0.02)
        turn = one.end_turn()
        assert turn["tokens"] == 10 * turn["steps"] > 0
        assert turn["seconds"] >= 0.02
        assert one.loss() == 0.5
        assert len(log.read_text(encoding="utf-8")) == turn["steps"]


def test_a_turn_has_at_least_so_many_steps_and_ends_at_once_where_the_budget_does(log: Path) -> None:
    with contender("made", {"letter": "a"}, name="made") as one:
        assert one.turn(0.0, steps=5)["steps"] == 5
    with contender("made", {"letter": "a", "ends": True}, name="made") as one:
        for steps in (1, 0):
            turn = one.turn(60.0)
            assert (turn["steps"], turn["last"]) == (steps, True)
            assert turn["seconds"] < 30


def test_tandem_waits_for_its_threads_as_its_command_does(log: Path) -> None:
    with contender("tandem", {"letter": "a"}, name="ours") as one:
        assert one.runs_on == f"spins {OF_THE_COMMAND['GOMP_SPINCOUNT']}"
    command = (ROOT / "src" / "tandem" / "cli" / "main.py").read_text(encoding="utf-8")
    assert all(f'setdefault("{name}", "{value}")' in command for name, value in OF_THE_COMMAND.items())


def test_trainings_end_with_their_seconds_or_with_their_budget(log: Path) -> None:
    with contender("made", {"letter": "a"}, name="long") as one, contender(
        "made", {"letter": "b", "ends": True}, name="spent"
    ) as other:  # fmt: skip
        told = list(by_turns({"long": one, "spent": other}, limits={"long": 0.1, "spent": 9.0}, slice_seconds=0.05))
    assert [name for name, _, _ in told][:4] == ["long", "spent", "long", "spent"]
    assert [name for name, _, _ in told].count("spent") == 2
    assert all(loss == 0.5 for _, _, loss in told)
    assert 0.1 <= told[-1][1] < 1


def test_a_program_that_dies_is_named_with_its_code(log: Path) -> None:
    with pytest.raises(SystemExit, match="the second ended with code 3"), contender(
        "made", {"letter": "a", "dies": True}, name="the second"
    ) as one:  # fmt: skip
        one.turn(0.02)


def test_ratios_are_of_neighbours_in_time() -> None:
    assert ratio([10.0, 20.0, 90.0], [5.0, 5.0, 30.0]) == {"median": 3.0, "min": 2.0, "max": 4.0}


def test_the_first_time_below_a_loss_lies_on_the_line_between_two_evaluations() -> None:
    curve = [(0.0, 9.0), (10.0, 7.0), (20.0, 5.0), (30.0, 6.0)]
    assert first_below(curve, 6.0) == 15.0
    assert first_below(curve, 5.0) == 20.0
    assert first_below(curve, 4.9) is None
    assert first_below(curve, 9.5) == 0.0
