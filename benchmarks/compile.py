"""Whether torch.compile pays in a training step, its own time included.

    python -m benchmarks.compile
    python -m benchmarks.compile --quick

A step is forward, backward, clipping and AdamW on one full batch of random tokens, under masked language modelling. A
model as it stands and the same one compiled take turns. All seconds are the processor's, those of the compiler
included, and nothing is taken from torch's cache of compiled code. After `break even` steps what is saved has paid for
the compilation.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, get_args

import torch

from tandem.core.choices import CompileMode
from tandem.core.config import checked_recipe
from tandem.lab.assemble import stand_in_objective
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS
from tandem.lab.step_time import training_step

ENCODERS = ("attention*2", "mingru*2", "lstm*2", "gru")
PLAIN = "none"


def main() -> None:
    """Measures, and prints a line for each encoder and precision."""
    options = _options()
    print(machine(torch.device("cpu")), f"width {options.width}, {options.batch} windows of {options.length}", sep="\n")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        # Read when torch's compiler is loaded; in processes of its own it would escape the clock.
        os.environ |= {"TORCHINDUCTOR_CACHE_DIR": folder, "TORCHINDUCTOR_COMPILE_THREADS": "1"}
        for encoder in options.encoder:
            for precision in options.precision:
                found.append({"encoder": encoder, "precision": precision, **_measured(encoder, precision, options)})
                print(_line(found[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _measured(encoder: str, precision: str, options: argparse.Namespace) -> dict[str, Any]:
    steps = {mode: _step(encoder, precision, mode, options) for mode in (PLAIN, options.mode)}
    first = {mode: processor_seconds(step) for mode, step in steps.items()}
    taken: dict[str, list[float]] = {mode: [] for mode in steps}
    for _ in range(options.rounds):
        for mode, step in steps.items():
            taken[mode].append(processor_seconds(step))
    plain, compiled = (median(taken[mode]) for mode in (PLAIN, options.mode))
    compiling = first[options.mode] - compiled
    return {
        "compiling": compiling, "plain": taken[PLAIN], "compiled": taken[options.mode],
        "ratio": plain / compiled, "break_even": break_even(compiling, plain, compiled),
    }  # fmt: skip


def break_even(compiling: float, plain: float, compiled: float) -> int | None:
    """After how many steps compiling has paid; None where a compiled step is no faster."""
    return None if compiled >= plain else round(compiling / (plain - compiled))


def processor_seconds(work: Callable[[], None]) -> float:
    """What `work` takes of the processor, in this process and in those that it waits for."""
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _step(encoder: str, precision: str, mode: str, options: argparse.Namespace) -> Callable[[], None]:
    content = {
        "encoder": encoder,
        "model": {"width": options.width},
        "tokenizer": {"size": options.vocabulary},
        "data": {"length": options.length},
        "train": {"batch_tokens": options.batch * options.length, "compile": mode},
        "budget": {"steps": 1},
    }
    recipe = checked_recipe(content, where="benchmark")
    step = training_step(recipe, stand_in_objective(recipe))

    def run() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            step()

    return run


def _line(row: dict[str, Any]) -> str:
    even = "never" if row["break_even"] is None else f"after {row['break_even']:,} steps"
    return (
        f"{row['encoder']:<14}{row['precision']:<6}{_milliseconds(row['plain'])} as it stands, "
        f"{_milliseconds(row['compiled'])} compiled: {row['ratio']:.2f} times as fast; "
        f"compiling {row['compiling']:.0f} s, break even {even}"
    )


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{1000 * median(seconds):,.0f} ms ({1000 * min(seconds):,.0f}-{1000 * max(seconds):,.0f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {' '.join(ENCODERS)}")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=["fp32"], help="default fp32")
    modes = [mode for mode in get_args(CompileMode) if mode != PLAIN]
    parser.add_argument("--mode", choices=modes, default=modes[0], help=f"of torch.compile (default {modes[0]})")
    parser.add_argument("--rounds", type=int, default=15, help="steps of each that are measured (default 15)")
    parser.add_argument("--width", type=int, default=128, help="of the hidden states (default 128)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a window (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="windows in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=4000, help="ids of the tokenizer (default 4000)")
    parser.add_argument("--quick", action="store_true", help="a few steps of one small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.encoder, options.rounds, options.width, options.length = options.encoder[-1:], 2, 16, 8
        options.batch, options.vocabulary = 2, 100
    return options


if __name__ == "__main__":
    main()
