"""How fast a text becomes a store, beside the tokenizer library alone, and how much memory that takes.

    python -m benchmarks.prepare
    python -m benchmarks.prepare --megabytes 1000 --rounds 1

The text is the corpus sotu, its paragraphs shuffled over and over. First a process of its own prepares it, from nothing
to a finished store, and tells the most memory it held above what it held after its imports. Then each round measures
our training of the tokenizer and the library's, on the texts in memory, and our writing of a store from the file beside
the library's `encode_batch` of the same texts. Ours reads, checks and hashes the file, finds sentences, and writes and
syncs the store; the library only encodes. Everything lies in a temporary folder that is removed at the end.

Megabytes a second and their ratio are by the clock. On a machine that others use, the ratio of the seconds of all cores
says more; it leaves out that the library uses several cores where Python uses one.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import tokenizers

from tandem.data.store import prepare
from tandem.text.corpora.file import File
from tandem.text.corpora.sotu import Sotu
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import Tokenizer, train_tokenizer

KINDS = ("words", "wordpiece", "bpe")
SEED = 0
BATCH = 256

Seconds = tuple[float, float]
"""By the clock, and of all cores together."""


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    if options.only:
        print(json.dumps(_only(options.only, options.kind, options.size)))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TANDEM_CACHE"] = folder
        text = Path(folder) / "text.txt"
        megabytes = write_text(text, megabytes=options.megabytes)
        _say(f"{megabytes:.1f} MB of text; preparing it in a process of its own")
        whole = _in_a_process(text, options)
        measured = [_round(text, options, number) for number in range(options.rounds)]
    print(
        f"{megabytes:.1f} MB, {options.kind} of {options.size:,} ids, cores {os.cpu_count()}, "
        f"tokenizers {tokenizers.__version__}, rounds {options.rounds}; median (min-max)"
    )
    print(
        f"whole: {whole['seconds']:.1f} s, {megabytes / whole['seconds']:.2f} MB/s; "
        f"most memory {whole['peak']:.0f} MB above the {whole['imports']:.0f} MB of the imports"
    )
    print(f"{'MB/s':<10}{'Tandem':>24}{'library':>24}{'ratio':>8}{'of core-seconds':>18}")
    ratios = {}
    for name in ("training", "encoding"):
        ours, alone = ([times[f"{name} {who}"] for times in measured] for who in ("ours", "alone"))
        ratios[name] = [statistics.median(t[n] for t in alone) / statistics.median(t[n] for t in ours) for n in (0, 1)]
        cells = [_speed([clock for clock, _ in times], megabytes) for times in (ours, alone)]
        print(f"{name:<10}{cells[0]:>24}{cells[1]:>24}{ratios[name][0]:>8.2f}{ratios[name][1]:>18.2f}")
    if options.json:
        found = {"megabytes": megabytes, "whole": whole, "rounds": measured, "ratios": ratios}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def write_text(path: Path, *, megabytes: float) -> float:
    """Writes at least so many megabytes (10^6 bytes) of shuffled paragraphs to `path`; returns how many it wrote."""
    paragraphs = [example.text for split in SPLITS for example in Sotu().examples(split)]
    shuffle = random.Random(SEED).shuffle
    size = 0
    with path.open("wb") as file:
        while size < megabytes * 1e6:
            shuffle(paragraphs)
            for paragraph in paragraphs:
                size += file.write(f"{paragraph}\n\n".encode())
                if size >= megabytes * 1e6:
                    break
    return size / 1e6


def _round(text: Path, options: argparse.Namespace, number: int) -> dict[str, Seconds]:
    """Seconds of everything that is measured, once."""
    corpus = File(path=str(text))
    train, texts = list(_texts(corpus, "train")), [text for split in SPLITS for text in _texts(corpus, split)]
    found: dict[str, Seconds] = {}
    found["training ours"], tokenizer = _timed(lambda: train_tokenizer(train, kind=options.kind, size=options.size))
    found["training alone"], _ = _timed(lambda: _train_alone(tokenizer, train))
    found["encoding ours"], _ = _timed(lambda: prepare(corpus, f"round-{number}", options={}, tokenizer=tokenizer))
    found["encoding alone"], _ = _timed(lambda: _encode_alone(tokenizer, texts))
    _say(f"round {number + 1} of {options.rounds}")
    return found


def _train_alone(tokenizer: Tokenizer, texts: list[str]) -> None:
    """The library's own training with the same rules and as many ids."""
    inner = tokenizer.inner
    bare = tokenizers.Tokenizer(type(inner.model)())
    if inner.normalizer:
        bare.normalizer = inner.normalizer
    bare.pre_tokenizer = inner.pre_tokenizer
    trainer = bare.model.get_trainer()
    trainer.vocab_size, trainer.show_progress = tokenizer.size, False
    bare.train_from_iterator(texts, trainer)


def _encode_alone(tokenizer: Tokenizer, texts: list[str]) -> None:
    for start in range(0, len(texts), BATCH):
        tokenizer.inner.encode_batch(texts[start : start + BATCH], add_special_tokens=False)


def _texts(corpus: File, split: str) -> Iterator[str]:
    return (example.text for example in corpus.examples(split))


def _timed(action: Callable[[], Any]) -> tuple[Seconds, Any]:
    clock, cores = time.perf_counter(), time.process_time()
    result = action()
    return (time.perf_counter() - clock, time.process_time() - cores), result


def _in_a_process(text: Path, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.prepare", "--only", str(text)]
    command += ["--kind", options.kind, "--size", str(options.size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _only(text: str, kind: str, size: int) -> dict[str, float]:
    """Prepares `text` in this process: seconds, and megabytes of memory after the imports and at most above that."""
    corpus = File(path=text)
    # The library starts its threads, and readers load their modules, at first use.
    train_tokenizer(islice(_texts(corpus, "train"), 1), kind=kind, size=size).encode_many(["a", "b"])
    imports = _megabytes("VmRSS")
    (seconds, _), _ = _timed(lambda: prepare(corpus, "whole", options={}, tokenizer={"kind": kind, "size": size}))
    return {"seconds": seconds, "imports": imports, "peak": _megabytes("VmHWM") - imports}


def _megabytes(name: str) -> float:
    """One of the kernel's counts of this process: VmRSS is memory now, VmHWM the most so far."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))


def _speed(seconds: list[float], megabytes: float) -> str:
    rates = sorted(megabytes / second for second in seconds)
    return f"{statistics.median(rates):.2f} ({rates[0]:.2f}-{rates[-1]:.2f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prepare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=20.0, help="of text, 10^6 bytes each (default 20)")
    parser.add_argument("--kind", choices=KINDS, default="wordpiece", help="of the tokenizer (default wordpiece)")
    parser.add_argument("--size", type=int, default=4000, help="ids of the tokenizer (default 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    parser.add_argument("--only", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1 or options.megabytes <= 0:
        parser.error("--rounds: at least 1; --megabytes: more than 0")
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
