"""The benchmarks of the server run in their smallest shape; no answer among others differs from the answer alone."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")

from benchmarks.serve_load import DROPPED, Load, same
from tandem.serve.limits import DEADLINE_SECONDS

ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: object, output: Path) -> tuple[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{module}", "--quick", *map(str, arguments), "--json", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(output.read_text(encoding="utf-8"))


@pytest.mark.campaign
def test_servers_take_turns_and_answer_alike(tmp_path: Path) -> None:
    printed, found = run("serve", output=tmp_path / "numbers.json")
    ours = ["tandem, together", "tandem, alone"]
    assert list(found) == ["8 users", "20 a second", "overload"]
    assert list(found["8 users"])[:2] == ours
    assert list(found["overload"]) == ours[:1]
    for loads in found.values():
        for rounds in loads.values():
            assert all(load["wrong"] == 0 < load["answered"] for load in rounds)
            assert all(0 < load["p50"] <= load["p99"] <= load["most"] for load in rounds)
    assert "tandem, together / tandem, alone: " in printed
    assert "  together at least 3 times as fast as alone\n" in printed
    assert "pass  what was accepted was in time" in printed
    assert "pass  every answer is the one that is given alone\n" in printed


def test_what_comes_behind_its_deadline_is_late_whatever_the_server_says() -> None:
    load, now = Load(), time.perf_counter()
    assert load.count(200, b"{}", due=now) == "answered"
    assert load.count(200, b"{}", due=now - DEADLINE_SECONDS - 1) == "late"
    assert load.count(503, b'{"detail": "not answered within 8 s"}', due=now) == "late"
    assert load.count(503, b'{"detail": "busy"}', due=now - DEADLINE_SECONDS - 1) == "refused"
    assert load.count(DROPPED, b"", due=now) == "dropped"
    assert (load.late, load.dropped, len(load.seconds), len(load.refused)) == (2, 1, 1, 1)


@pytest.mark.campaign
def test_answers_of_every_kind_among_others_are_those_alone(book: Path, tmp_path: Path) -> None:
    # Where a second sentence may be another document's, there must be another document.
    (tmp_path / "books").mkdir()
    for name in ("one", "two"):
        shutil.copy(book, tmp_path / "books" / f"{name}.txt")
    printed, found = run("serve_mixed", "--text", tmp_path / "books", output=tmp_path / "numbers.json")
    assert found["wrong"] == []
    assert set(found["statuses"]) == {"200"}
    assert found["told_apart"] > 0.9 * found["questions"]
    assert sum(part["answered"] + part["late"] for part in found["parts"]) == 200
    assert all(megabytes > 50 for megabytes in found["megabytes"])
    assert printed.endswith("wrong: 0 of 200\n")


@pytest.mark.campaign
def test_first_answers_are_timed_after_every_start(book: Path, tmp_path: Path) -> None:
    printed, found = run("serve_first", "--text", book, output=tmp_path / "numbers.json")
    assert {"page", "style.css", "fill-mask", "classify"} <= found["first"].keys()
    assert all(len(seconds) == 1 for seconds in found["first"].values())
    assert all(len(seconds) == 3 for seconds in found["later"].values())
    assert "until it listens" in printed


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({"label": "warm", "share": [0.5, 1]}, True),
        ({"label": "warm", "share": [0.500009, 1]}, True),
        ({"label": "warm", "share": [0.50002, 1]}, False),
        ({"label": "warm", "share": [0.5, 2]}, False),
        ({"label": "cold", "share": [0.5, 1]}, False),
        ({"label": "warm", "share": [0.5]}, False),
        ({"label": "warm"}, False),
    ],
)
def test_words_are_compared_exactly_and_numbers_closely(other: Any, is_same: bool) -> None:
    assert same({"label": "warm", "share": [0.5, 1]}, other) is is_same
