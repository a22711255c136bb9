"""A run that is killed, at any moment and as often as one likes, ends with the bits of one that is not."""

import json
import os
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import left_half_written, num_lines, started, tandem
from same_bits import STEPS, assert_same_bits

EVALUATED = [0, 10, 20, 30, 40, 50]


@dataclass
class Chain:
    """A run that was killed three times: how each process ended, how many were hit while they saved, and the end."""

    folder: Path
    codes: list[int]
    hit_while_saving: int
    resumed_after: int


def kill_at(line: int, delay: float | None, *, command: list[object], cwd: Path, folder: Path) -> int:
    """Starts the command and kills it `delay` seconds after the log has `line` lines, or inside the next save."""
    with started(*command, cwd=cwd) as process:
        while num_lines(folder / "log.jsonl") < line and process.poll() is None:
            time.sleep(0.001)
        if delay is not None:
            time.sleep(delay)
        while delay is None and not halted_while_saving(process, folder) and process.poll() is None:
            pass
        process.kill()
        return process.wait()


def halted_while_saving(process: subprocess.Popen[str], folder: Path) -> bool:
    """Whether the process stands still, inside a save; a save that ended before the halt is let go by."""
    if not left_half_written(folder):
        return False
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    inside = bool(left_half_written(folder))
    if not inside:
        process.send_signal(signal.SIGCONT)
    return inside


# The last holds both mixers, Muon and bfloat16; the others are left to the campaign.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param("lstm", marks=pytest.mark.campaign),
        pytest.param("attention", marks=pytest.mark.campaign),
        pytest.param("hybrid", marks=pytest.mark.campaign),
        "muon",
    ],
)
def chain(request: pytest.FixtureRequest, workplace: Path) -> Chain:
    """A kill in each third of the run's life, then the command that ends it."""
    chance = random.Random(f"kill {request.param}")
    folder = workplace / "killed" / request.param
    command = ["train", f"{request.param}.toml", "--out", folder]
    codes, hit = [], 0
    for turn in range(3):
        line = chance.randint(2 + 17 * turn, 10 + 17 * turn)
        delay = chance.uniform(0, 0.015) if turn == 1 else None
        codes.append(kill_at(line, delay, command=command, cwd=workplace, folder=folder))
        hit += bool(left_half_written(folder))
    done = tandem(*command, cwd=workplace)
    assert done.returncode == 0, done.stderr
    found = re.search(r"continuing after step (\d+)", done.stdout)
    return Chain(folder, codes, hit, int(found[1]) if found else 0)


def test_three_kills_change_no_bit(chain: Chain, workplace: Path) -> None:
    assert_same_bits(chain.folder, workplace / "runs" / chain.folder.name)


def test_the_kills_were_real_and_cost_no_more_than_the_step_they_hit(chain: Chain) -> None:
    assert chain.codes == [-9, -9, -9]
    assert chain.hit_while_saving >= 2
    assert 30 <= chain.resumed_after < STEPS


def test_every_step_is_in_the_log_once(chain: Chain) -> None:
    lines = [json.loads(line) for line in (chain.folder / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == list(range(1, STEPS + 1))
    assert [line["step"] for line in lines if "validation" in line] == EVALUATED
    timings = [json.loads(line) for line in (chain.folder / "timings.jsonl").read_text().splitlines()]
    assert [line["step"] for line in timings] == EVALUATED


def test_bfloat16_and_muon_were_what_they_say(workplace: Path) -> None:
    assert json.loads((workplace / "runs/muon/machine.json").read_text())["precision"] == "bf16"
    header = (workplace / "runs/muon/checkpoints/step-50/optimiser.safetensors").read_bytes()
    assert b"/momentum" in header
    assert b"/momentum" not in (workplace / "runs/hybrid/checkpoints/step-50/optimiser.safetensors").read_bytes()
