"""The benchmark of the server runs, and no answer among others differs from the answer alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")

ROOT = Path(__file__).parents[2]


def test_answers_among_others_are_those_alone(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.serve", "--quick", "--width", "32", "--json", str(numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(numbers.read_text(encoding="utf-8"))
    assert found.keys() == {"up to 64 together", "up to 1 together"}
    for loads in found.values():
        for load in loads.values():
            assert load["wrong"] == 0
            assert load["answered"] > 0
            assert 0 < load["p50"] <= load["p99"]
