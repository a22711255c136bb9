"""Where the time of a training step goes, operation by operation.

    python -m benchmarks.profile
    python -m benchmarks.profile --encoder "mingru*2" --precision bf16

A step is forward, backward, clipping and the optimiser on one full batch of random tokens, under masked language
modelling. Torch's profiler counts for each operation the time in itself, without the operations that it calls, and it
is wall time: on a machine that others use, shares tell more than milliseconds. On a GPU it is the host's time.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.recipes import recipe_of
from benchmarks.step_race import ENCODERS
from tandem.lab.assemble import stand_in_objective
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS
from tandem.lab.step_time import training_step

WARM_UP = 2


def main() -> None:
    """Profiles, and prints a table for each encoder and precision."""
    options = _options()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(machine(device), f"width {options.width}, {options.batch} windows of {options.length}", sep="\n")
    found = []
    for encoder in options.encoder:
        for precision in options.precision:
            rows = profiled(_step(encoder, precision, options, device), steps=options.steps)
            found.append({"encoder": encoder, "precision": precision, "operations": rows})
            print("", *table(f"{encoder}, {precision}", rows, at_most=options.rows), sep="\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def profiled(step: Callable[[], None], *, steps: int) -> list[dict[str, Any]]:
    """Name, milliseconds a step, share of the step and calls a step of every operation, the longest first."""
    for _ in range(WARM_UP):
        step()
    with profile(activities=[ProfilerActivity.CPU]) as watched:
        for _ in range(steps):
            step()
    events = sorted(watched.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return [
        {
            "name": event.key,
            "milliseconds": event.self_cpu_time_total / 1000 / steps,
            "share": event.self_cpu_time_total / total,
            "calls": event.count / steps,
        }
        for event in events
    ]


def table(title: str, rows: list[dict[str, Any]], *, at_most: int) -> list[str]:
    """The first `at_most` rows as lines, and one for all others."""
    whole = sum(row["milliseconds"] for row in rows)
    lines = [f"{title}: {whole:,.1f} ms a step", f"{'operation':<52}{'share':>8}{'ms a step':>12}{'calls a step':>14}"]
    lines += [
        f"{row['name'][:50]:<52}{row['share']:>8.1%}{row['milliseconds']:>12,.1f}{row['calls']:>14,.0f}"
        for row in rows[:at_most]
    ]
    if rest := rows[at_most:]:
        share, spent = (sum(row[key] for row in rest) for key in ("share", "milliseconds"))
        lines.append(f"{f'{len(rest)} others':<52}{share:>8.1%}{spent:>12,.1f}")
    return lines


def _step(encoder: str, precision: str, options: argparse.Namespace, device: torch.device) -> Callable[[], None]:
    more = {
        "data": {"length": options.length},
        "train": {"batch_tokens": options.batch * options.length},
        "optimiser": {"name": options.optimiser},
        "budget": {"steps": 1},
    }
    recipe = recipe_of(encoder, options, more=more)
    step = training_step(recipe, stand_in_objective(recipe))

    def run() -> None:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16"):
            step()

    return run


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {', '.join(ENCODERS)}")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=list(PRECISIONS), help="default both")
    parser.add_argument("--optimiser", choices=("adamw", "muon"), default="adamw", help="default adamw")
    parser.add_argument("--steps", type=int, default=5, help="steps that are watched (default 5)")
    parser.add_argument("--rows", type=int, default=12, help="operations in a table (default 12)")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a window (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="windows in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--quick", action="store_true", help="two steps of small models, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.steps, options.width, options.length, options.batch, options.vocabulary = 2, 16, 8, 2, 100
    options.text = None
    return options


if __name__ == "__main__":
    main()
