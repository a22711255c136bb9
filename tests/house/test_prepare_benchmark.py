"""The benchmark of preparing runs and says what it promises; how fast a machine is, no test judges."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.prepare import write_text

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["words", "wordpiece", "bpe"])
def test_training_and_encoding_are_measured_beside_the_library(kind: str, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.prepare", "--megabytes", "0.2", "--rounds", "2", "--size", "500"]
    command += ["--kind", kind, "--json", str(numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"0.2 MB, {kind} of 500 ids, cores ")
    assert re.fullmatch(r"whole: .* MB/s; most memory \d+ MB above the \d+ MB of the imports", lines[1])
    assert [line.split()[0] for line in lines[2:]] == ["MB/s", "training", "encoding"]
    found = json.loads(numbers.read_text(encoding="utf-8"))
    assert len(found["rounds"]) == 2
    for seconds in found["rounds"]:
        assert set(seconds) == {f"{what} {who}" for what in ("training", "encoding") for who in ("ours", "alone")}
        assert all(clock > 0 and cores > 0 for clock, cores in seconds.values())
    assert 0 < found["whole"]["peak"] < 600


def test_the_text_is_as_long_as_asked_and_always_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    assert write_text(first, megabytes=0.3) == first.stat().st_size / 1e6
    write_text(second, megabytes=0.3)
    assert first.read_bytes() == second.read_bytes()
    assert 300_000 <= first.stat().st_size < 400_000
    paragraphs = first.read_text(encoding="utf-8").split("\n\n")
    assert len(paragraphs) > 300
    assert all("\n" not in paragraph for paragraph in paragraphs)
