"""The benchmark of torch.compile runs in its smallest shape; no speed is judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from compilers import NO_COMPILER, can_compile

from benchmarks.compile import break_even

ROOT = Path(__file__).parents[2]


def test_compiling_pays_after_as_many_steps_as_save_its_time() -> None:
    assert break_even(30.0, 0.5, 0.3) == 150
    assert break_even(30.0, 0.3, 0.3) is None
    assert break_even(30.0, 0.3, 0.5) is None


@pytest.mark.campaign
@pytest.mark.skipif(not can_compile(), reason=NO_COMPILER)
def test_a_plain_and_a_compiled_model_take_turns(tmp_path: Path) -> None:
    output = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.compile", "--quick", "--json", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(output.read_text(encoding="utf-8"))
    assert (row["encoder"], len(row["plain"]), len(row["compiled"])) == ("gru", 2, 2)
    assert "times as fast; compiling" in done.stdout
