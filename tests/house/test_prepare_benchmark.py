"""The benchmark of preparing runs and says what it promises; how fast a machine is, no test judges."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.prepare import write_text

ROOT = Path(__file__).parents[2]
PARTS = ("training", "encoding", "whole")


@pytest.mark.parametrize("kind", ["words", "wordpiece", "bpe"])
def test_training_and_encoding_are_measured_beside_the_library(kind: str, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.prepare", "--megabytes", "0.2", "--rounds", "2", "--size", "500"]
    command += ["--kind", kind, "--json", str(numbers), "--memory-at", "0.1", "0.3", "--peers"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"0.2 MB, {kind} of 500 ids, cores ")
    for line, size in zip(lines[1:3], ("0.1", "0.3"), strict=True):
        assert re.fullmatch(rf"{size} MB of text take at most \d+ MB of memory above the \d+ MB of the imports", line)
    assert [line[:18].strip() for line in lines[3:]] == ["MB/s", *(f"{part}, library" for part in PARTS)]
    found = json.loads(numbers.read_text(encoding="utf-8"))
    assert len(found["rounds"]) == 2
    for seconds in found["rounds"]:
        assert set(seconds) == {f"{what} {who}" for what in PARTS for who in ("ours", "alone")}
        assert all(clock > 0 and cores > 0 for clock, cores in seconds.values())
    each = [seconds["whole alone"][0] / seconds["whole ours"][0] for seconds in found["rounds"]]
    assert found["ratios"]["whole, library"][0] == {"median": sum(each) / 2, "min": min(each), "max": max(each)}
    assert all(0 < memory["peak"] < 600 for memory in found["memory"])


@pytest.mark.campaign
def test_a_store_is_written_beside_an_arrow_file_of_datasets(tmp_path: Path) -> None:
    """Installs the library."""
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.prepare", "--quick", "--json", str(numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"datasets 5.2.0: [\d,]{6,} tokens", done.stderr)
    assert json.loads(numbers.read_text(encoding="utf-8"))["ratios"]["encoding, datasets_map"][0]["median"] > 0


def test_the_text_is_as_long_as_asked_and_always_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    assert write_text(first, megabytes=0.3) == first.stat().st_size / 1e6
    write_text(second, megabytes=0.3)
    assert first.read_bytes() == second.read_bytes()
    assert 300_000 <= first.stat().st_size < 400_000
    paragraphs = first.read_text(encoding="utf-8").split("\n\n")
    assert len(paragraphs) > 300
    assert all("\n" not in paragraph for paragraph in paragraphs)
