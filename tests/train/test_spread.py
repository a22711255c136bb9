"""One training over two real processes: the same steps as one process takes, one voice, and one end."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import num_lines, tiny, trained, written

from tandem.cli.torchrun import _refuse_what_does_not_train
from tandem.core.errors import UsageError
from tandem.lab.events import Event, Notice
from tandem.lab.folder import RunFolder
from tandem.lab.follow import follow
from tandem.lab.run import train_run
from tandem.train import processes
from tandem.train.loop import Step
from tandem.train.spread import Share

SPREAD = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
# Each process keeps its exit code beside the run; the shell outlives the signal that torchrun sends to both.
KEEPS_CODE = """trap : TERM; "$0" -m tandem "$@"; code=$?; echo $code > code.$RANK; exit $code"""
PARITY = {"name": "parity", "rows": 200, "longest": 8}
RECIPES: dict[str, dict[str, Any]] = {
    "mlm": {"encoder": "attention | lstm", "optimiser__name": "muon"},
    # Batches of one row to three, read twice: now and then a process has none.
    "classify": {
        "task": "classify", "encoder": "gru", "corpus": PARITY, "tokenizer": {"kind": "words", "size": 16},
        "objective__dropout": 0.0, "train__batch_tokens": 16, "train__adversarial": 0.1,
    },
    "clm": {
        "task": "clm", "encoder": "attention[window=5] | lstm", "tokenizer__kind": "char", "objective": {"carry": True},
        "train__batch_tokens": 80, "train__checkpoint_seconds": 0.0,
    },
    # Two terms of a loss, over numbers of predictions that have nothing to do with each other.
    "mixed": {"task": "mixed", "encoder": "lstm", "tokenizer__boundaries": True, "train__batch_tokens": 48},
}  # fmt: skip
STEPS, STOPPED = 12, 5
# Where there is a GPU, each process would want one.
ON_CPU = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}


def changes(name: str) -> dict[str, Any]:
    return {"budget__steps": STEPS, "model__dropout": 0.0, **RECIPES[name]}


@contextmanager
def spread(*arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """`tandem` with these arguments, in two processes; they do not outlive the block."""
    command = [*SPREAD, "--no-python", "sh", "-c", KEEPS_CODE, sys.executable, *map(str, arguments)]
    process = subprocess.Popen(command, cwd=cwd, env=ON_CPU, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def codes(cwd: Path) -> list[str]:
    """How the two processes ended."""
    return [(cwd / f"code.{rank}").read_text().strip() for rank in range(2)]


def lines(folder: Path) -> list[dict[str, Any]]:
    """The steps in a log."""
    written = [json.loads(line) for line in RunFolder(folder).log.read_text(encoding="utf-8").splitlines()]
    return [line for line in written if "norm" in line]


def assert_same_training(folder: Path, reference: Path) -> None:
    """Every step read the same tokens for the same loss, and the ends are equal but for rounding."""
    for one, other in zip(lines(folder), lines(reference), strict=True):
        assert one["tokens"] == other["tokens"]
        assert one == pytest.approx(other, rel=2e-5, abs=1e-5)
    scores, expected = (json.loads(RunFolder(each).scores.read_text()) for each in (folder, reference))
    assert scores["scores"]["test"]["loss"] == pytest.approx(expected["scores"]["test"]["loss"], abs=1e-5)
    for key in ("steps", "tokens", "padding", "training_flops"):
        assert scores[key] == expected[key], key


@pytest.fixture(scope="module")
def workplace(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of all recipes by two processes in `runs`; the one that carries was begun by one process."""
    folder = tmp_path_factory.mktemp("spread")
    recipes = [written(folder / f"{name}.toml", book, **changes(name)) for name in RECIPES]
    for event in train_run(tiny(book, **changes("clm")), folder / "runs" / "clm"):
        if isinstance(event, Step) and event.step > STOPPED:
            break
    with spread("compare", *recipes, cwd=folder) as process:
        said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint
    (folder / "out.txt").write_text(said)
    return folder


@pytest.mark.parametrize("name", RECIPES)
def test_two_processes_take_the_steps_of_one(name: str, book: Path, workplace: Path, tmp_path: Path) -> None:
    alone = trained(tiny(book, **changes(name)), tmp_path / "alone")
    assert_same_training(workplace / "runs" / name, alone)


def test_the_first_process_alone_speaks_and_both_end_well(workplace: Path) -> None:
    printed = (workplace / "out.txt").read_text()
    assert codes(workplace) == ["0", "0"]
    assert printed.count("spread over 2 processes") == len(RECIPES)
    assert printed.count(f"continuing after step {STOPPED}") == 1
    assert printed.count("Table:") == 1


def test_a_stop_is_one_checkpoint_from_which_one_process_goes_on(book: Path, tmp_path: Path) -> None:
    # Long enough that the signal comes before the end.
    recipe = {**changes("clm"), "train__checkpoint_seconds": 1000.0, "budget__steps": 4000}
    path, folder = written(tmp_path / "clm.toml", book, **recipe), tmp_path / "run"
    with spread("train", path, "--out", folder, cwd=tmp_path) as process:
        while num_lines(folder / "log.jsonl") < STOPPED and process.poll() is None:
            pass
        process.send_signal(signal.SIGTERM)
        _, complaint = process.communicate(timeout=120)
    assert codes(tmp_path) == ["143", "143"]
    stops = re.findall(r"^Stopped: after step (\d+); the same command goes on from there$", complaint, re.MULTILINE)
    assert [path.name for path in (folder / "checkpoints").iterdir()] == [f"step-{stop}" for stop in stops]
    more = int(stops[0]) + 3
    resumed, whole = (events_until(tiny(book, **recipe), each, more) for each in (folder, tmp_path / "whole"))
    assert Notice(f"continuing after step {stops[0]}") in resumed
    assert_steps_equal(resumed, whole)


def events_until(recipe: Any, folder: Path, steps: int) -> list[Event]:
    """What a training says until so many steps are taken."""
    seen = []
    for event in train_run(recipe, folder):
        seen.append(event)
        if isinstance(event, Step) and event.step == steps:
            break
    return seen


def assert_steps_equal(some: list[Event], others: list[Event]) -> None:
    """The last three steps of both are the same but for rounding."""
    one, other = ([event for event in each if isinstance(event, Step)][-3:] for each in (some, others))
    assert [step.tokens for step in one] == [step.tokens for step in other]
    assert [step.loss for step in one] == pytest.approx([step.loss for step in other], abs=1e-5)


@pytest.mark.parametrize("order", [processes.Order.STEP, processes.Order.GATHER])
def test_who_follows_takes_no_part_in_what_has_not_begun_and_ends_as_the_first_does(
    order: processes.Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = iter([(order, 1.0)])

    def next_order() -> tuple[processes.Order, Any]:
        try:
            return next(orders)
        except StopIteration:
            raise processes.Ended(143) from None

    monkeypatch.setattr("tandem.lab.follow.next_order", next_order)
    assert follow() == 143


def test_a_mistake_is_told_once_and_ends_both(book: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "wrong.toml", book, encoder="lstn")
    with spread("train", path, cwd=tmp_path) as process:
        said, complaint = process.communicate(timeout=120)
    assert codes(tmp_path) == ["2", "2"]
    assert complaint.count("lstn") == 1
    assert complaint.startswith("UsageError: ")
    assert not said
    assert not (tmp_path / "runs").exists()


def test_what_trains_nothing_or_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tandem", "study", "run", "some.toml"])
    with pytest.raises(UsageError, match="not tandem study; give that command without torchrun"):
        _refuse_what_does_not_train()


def test_a_carried_state_needs_a_row_for_each_process(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tandem.lab.session.size", lambda: 6)
    with pytest.raises(UsageError, match=r"5 rows .* each of 6 processes needs one; raise train\.batch_tokens"):
        list(train_run(tiny(book, **changes("clm")), tmp_path / "run"))


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with pytest.raises(UsageError, match=r"--nproc-per-node 2: at most one process for each GPU \(1\)"):
        processes.join()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_shares_are_all_sequences_once_of_like_lengths_and_unequal_noise(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = []
    for number in range(2):
        monkeypatch.setattr("tandem.train.spread.size", lambda: 2)
        monkeypatch.setattr("tandem.train.spread.rank", lambda number=number: number)
        share = Share.of(np.arange(count))
        shares.append((share, share.noise))
    read = [number for share, _ in shares if not share.idle for number in share.sequences.tolist()]
    assert sorted(read) == list(range(count))
    assert all(len(share.sequences) for share, _ in shares)
    assert abs(len(shares[0][0].sequences) - len(shares[1][0].sequences)) <= 1
    assert shares[0][1] == () != shares[1][1]
