"""Programs that take turns on one machine: A B A B, medians, and ratios of neighbours in time."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.environments import python_of
from tandem.core.config import Recipe
from tandem.core.seeds import derive
from tandem.data.masking import Masking
from tandem.data.spans import RunningText
from tandem.data.store import Store

LOOPS = Path(__file__).parent / "peers"
HELD_OUT = 512
HEADS, LAYERS = 4, 4
# What the command `tandem` sets before torch is loaded (see `tandem.cli.main`); others run as their users run them.
OF_THE_COMMAND = {"GOMP_SPINCOUNT": "2000"}


class Contender:
    """A program of `peers` in a process of its own, which runs only during its turns."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name, self.process = name, process
        self.runs_on: str = self._read()["runs_on"]

    def turn(self, seconds: float, *, steps: int = 1) -> dict[str, Any]:
        """Lets it train for at least so long: `tokens` of text, `steps`, the exact `seconds`, and whether it was the
        `last` turn, since its budget is spent."""
        self.begin_turn(seconds, steps=steps)
        return self.end_turn()

    def begin_turn(self, seconds: float, *, steps: int = 1) -> None:
        """Lets it train, and does not wait."""
        self._ask({"seconds": seconds, "steps": steps})

    def end_turn(self) -> dict[str, Any]:
        """Waits until its turn is over; what `turn` tells."""
        return self._read()

    def loss(self) -> float:
        """Its loss on the held-out text, in nats for each hidden token."""
        loss: float = self.ask({"evaluate": True})["loss"]
        return loss

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """What it answers to a request."""
        self._ask(request)
        return self._read()

    def _ask(self, request: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with code {self.process.wait()}; what it said stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def contender(peer: str, asked: dict[str, Any], *, name: str, environment: str | None = None) -> Iterator[Contender]:
    """Starts the loop of `peer` with these settings, warm when the block begins, ended with it.

    It runs in its own environment, or in the one of another peer.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asked, file)
        file.flush()
        process = subprocess.Popen(
            [python_of(environment or peer), str(LOOPS / f"{peer}_loop.py"), file.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**(OF_THE_COMMAND if peer == "tandem" else {}), **os.environ},
        )  # fmt: skip
        with process:
            try:
                yield Contender(name, process)
            finally:
                process.kill()


@dataclass(frozen=True)
class Race:
    """Of each entry by its name: tokens of text a second in each round, and the versions that it runs on."""

    speeds: dict[str, list[float]]
    runs_on: dict[str, str]


def race(entries: Sequence[tuple[str, str, dict[str, Any]]], *, rounds: int, seconds: float, steps: int) -> Race:
    """Lets the entries (name, peer, settings) take turns of at least so many seconds and steps, in their order."""
    speeds: dict[str, list[float]] = {}
    with ExitStack() as stack:
        running = [stack.enter_context(contender(peer, asked, name=name)) for name, peer, asked in entries]
        for _ in range(rounds):
            for each in running:
                turn = each.turn(seconds, steps=steps)
                speeds.setdefault(each.name, []).append(turn["tokens"] / turn["seconds"])
        return Race(speeds, {each.name: each.runs_on for each in running})


def ratio(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """How many times as fast: of each round, then median, least and most."""
    each = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {"median": median(each), "min": min(each), "max": max(each)}


def settings_for(
    recipe: Recipe, store: Store, folder: Path, *, precision: str, batch: int, dropout: float
) -> dict[str, Any]:
    """What every loop is told; writes the text that all read into `folder`, once.

    Peers read `batch` rows a step; Tandem as many positions as its recipe says.
    """
    rows, held_out, tokenizer = folder / "rows.npz", folder / "held_out.npz", folder / "tokenizer.json"
    if not rows.exists():
        write_rows(recipe, store, rows, split="train")
        write_rows(recipe, store, held_out, split="validation", at_most=HELD_OUT)
        tokenizer.write_text(store.tokenizer.to_json(), encoding="utf-8")
    read = store.tokenizer
    return {
        "recipe": recipe.model_dump(exclude_none=True),
        "precision": precision,
        "batch": batch,
        "dropout": dropout,
        "encoder": recipe.encoder,
        "rows": str(rows),
        "held_out": str(held_out),
        "tokenizer": str(tokenizer),
        "tokens": {"pad": read.token(0), "mask": read.token(read.mask_id), "unknown": read.token(read.unknown_id or 0)},
        "sizes": {
            "width": recipe.model.width, "length": recipe.data.length, "vocabulary": read.size, "layers": LAYERS,
            "heads": HEADS, "mask": read.mask_id, "ordinary": ordinary(read.special_ids, read.size),
        },
    }  # fmt: skip


def alone(recipe: Recipe, *, precision: str) -> dict[str, Any]:
    """What Tandem's own loop is told where nobody else runs: all of it stands in the recipe."""
    return {"recipe": recipe.model_dump(exclude_none=True), "precision": precision}


def ordinary(special: Sequence[int], size: int) -> tuple[int, int]:
    """The first of the ids that are no special tokens, and the one behind the last; `special` ids stand at the ends."""
    bounds = [*sorted(special), size]
    return max(((before + 1, after) for before, after in pairwise(bounds)), key=lambda gap: gap[1] - gap[0])


def write_rows(recipe: Recipe, store: Store, path: Path, *, split: str, at_most: int | None = None) -> None:
    """A split in the rows that Tandem reads; with `at_most`, so many of them, masked as Tandem masks."""
    source = RunningText(store, split, pack=recipe.data.pack, length=recipe.data.length)
    rows = source.rows(np.arange(len(source))[:at_most], key=derive(0, "benchmark"))
    ids = np.zeros((len(rows.ids), recipe.data.length), dtype=np.int32)
    ids[:, : rows.ids.shape[1]] = rows.ids
    labels = np.zeros((len(ids), 0), dtype=np.int32)
    if at_most is not None:
        tokenizer = store.tokenizer
        masking = Masking(tokenizer.mask_id, tuple(tokenizer.special_ids), tokenizer.size, 0.15, 0.8, 0.1)
        inputs, chosen = masking(ids.astype(np.int64), rows.sequences, derive(0, "benchmark"))
        ids, labels = inputs.astype(np.int32), np.where(chosen, ids, -100)
    np.savez(path, ids=ids, lengths=rows.mask.sum(axis=1), labels=labels)


def say(text: str) -> None:
    """For the person who waits."""
    print(text, file=sys.stderr)
