"""Benchmarks in which programs take turns run in their smallest shape; no peer is installed and no speed is judged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import contest, environments
from benchmarks.contest import contender, race, ratio
from benchmarks.environments import python_of
from benchmarks.peers.rows import masked
from benchmarks.time_to_loss import first_below

ROOT = Path(__file__).parents[2]
LOOP = """
import sys, time
sys.path.insert(0, {peers!r})
from turns import Turns, settings

asked = settings()
turns = Turns(lambda: 0.5)
print("what a library says")
turns.begin()
while True:
    with open({log!r}, "a") as file:
        file.write(asked["letter"])
    time.sleep(0.01)
    if asked.get("dies"):
        sys.exit(3)
    turns.step(10)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a made-up loop writes a letter for each of its steps."""
    peers = ROOT / "benchmarks" / "peers"
    (tmp_path / "made_loop.py").write_text(LOOP.format(peers=str(peers), log=str(tmp_path / "log")), encoding="utf-8")
    monkeypatch.setattr(contest, "LOOPS", tmp_path)
    return tmp_path / "log"


def run(module: str, *arguments: object, output: Path) -> tuple[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{module}", "--quick", *map(str, arguments), "--json", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(output.read_text(encoding="utf-8"))


def test_programs_take_turns_and_each_runs_only_in_its_own(log: Path) -> None:
    found = race([("first", "made", {"letter": "a"}), ("second", "made", {"letter": "b"})], rounds=2, seconds=0.03)
    steps = log.read_text(encoding="utf-8")
    assert "".join(letter for letter, before in zip(steps, " " + steps, strict=False) if letter != before) == "abab"
    assert set(found) == {"first", "second"}
    # A step over 10 tokens takes 10 ms and a little more.
    assert all(0 < speed <= 1000 for speeds in found.values() for speed in speeds)


def test_a_turn_may_be_waited_for_later_and_a_loss_be_asked_for_between(log: Path) -> None:
    with contender("made", {"letter": "a"}, name="made") as one:
        one.begin_turn(0.02)
        turn = one.end_turn()
        assert turn["tokens"] == 10 * turn["steps"] > 0
        assert turn["seconds"] >= 0.02
        assert one.loss() == 0.5
        assert len(log.read_text(encoding="utf-8")) == turn["steps"]


def test_a_program_that_dies_is_named_with_its_code(log: Path) -> None:
    with pytest.raises(SystemExit, match="the second ended with code 3"), contender(
        "made", {"letter": "a", "dies": True}, name="the second"
    ) as one:  # fmt: skip
        one.turn(0.02)


def test_ratios_are_of_neighbours_in_time() -> None:
    assert ratio([10.0, 20.0, 90.0], [5.0, 5.0, 30.0]) == {"median": 3.0, "min": 2.0, "max": 4.0}


def test_an_environment_is_made_once_and_again_where_it_was_left_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def create(folder: Path, with_pip: bool) -> None:
        (folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages").mkdir(
            parents=True
        )
        made.append(folder.name)

    def install(command: list[Any], check: bool) -> None:
        if len(made) == 1:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))
    monkeypatch.setattr(environments.venv, "create", create)
    monkeypatch.setattr(environments.subprocess, "run", install)
    with pytest.raises(subprocess.CalledProcessError):
        python_of("trainer")
    paths = [python_of("trainer"), python_of("trainer")]
    assert made == [made[0]] * 2
    assert paths == [str(tmp_path / "peers" / made[0] / "bin" / "python")] * 2
    assert python_of("plain") == sys.executable


def test_peers_hide_as_many_tokens_as_tandem_and_never_padding() -> None:
    ids, lengths = np.full((400, 50), 7), np.full(400, 30)
    inputs, labels = masked(ids, lengths, np.random.default_rng(0), {"mask": 4, "special": 5, "vocabulary": 100})
    chosen = labels != -100
    assert not chosen[:, 30:].any()
    assert (inputs[~chosen] == 7).all()
    assert chosen[:, :30].mean() == pytest.approx(0.15, abs=0.01)
    assert (inputs[chosen] == 4).mean() == pytest.approx(0.8, abs=0.03)
    assert (inputs[chosen] == 7).mean() == pytest.approx(0.1, abs=0.03)


def test_the_first_time_below_a_loss_lies_on_the_line_between_two_evaluations() -> None:
    curve = [(0.0, 9.0), (10.0, 7.0), (20.0, 5.0), (30.0, 6.0)]
    assert first_below(curve, 6.0) == 15.0
    assert first_below(curve, 5.0) == 20.0
    assert first_below(curve, 4.9) is None
    assert first_below(curve, 9.5) == 0.0


def test_a_training_step_is_raced_against_plain_torch(book: Path, tmp_path: Path) -> None:
    printed, found = run("train_step", "--text", book, "--peers", "plain", output=tmp_path / "numbers.json")
    assert [row["who"] for row in found["rows"]] == ["tandem fp32", "tandem bf16", "plain fp32", "plain bf16"]
    assert all(speed > 0 for row in found["rows"] for speed in row["tokens"])
    assert found["rows"][0]["ratios"]["fp32"] == {"median": 1.0, "min": 1.0, "max": 1.0}
    assert printed.count("attention*4") == 4


@pytest.mark.campaign
def test_scale_measures_tokens_and_memory_along_each_dial(tmp_path: Path) -> None:
    _, found = run("scale", output=tmp_path / "numbers.json")
    dials = [("length", 16), ("corpus", 2), ("processes", 2), ("spread", 2)]
    assert [(line["dial"], line[line["dial"]]) for line in found] == dials
    assert all(line["tokens"] > 0 for line in found)
    assert all(line["memory"] > 50 for line in found[:-1])


def test_startup_times_python_torch_and_the_commands(book: Path, tmp_path: Path) -> None:
    printed, found = run("startup", "--text", book, output=tmp_path / "numbers.json")
    assert list(found) == [
        "python", "python, torch", "tandem --help", "tandem train --help", "tandem generate, first token"
    ]  # fmt: skip
    assert printed.count(" ms (") == len(found)


def test_generation_is_timed_from_a_state_and_without(book: Path, tmp_path: Path) -> None:
    _, found = run("generate", "--text", book, output=tmp_path / "numbers.json")
    assert [(line["encoder"], line["length"]) for line in found] == [("mingru*2", 4), ("mingru*2", 8)]
    for line in found:
        assert {"cached", "not cached"} <= set(line["speeds"])
        assert line["state_bytes"] == 2 * 4 * 32
