"""Benchmarks beside other libraries run in their smallest shape; no speed is judged."""

import argparse
import json
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import environments
from benchmarks.contest import ordinary
from benchmarks.environments import python_of
from benchmarks.memory import Memory
from benchmarks.peers.rows import masked
from benchmarks.step_race import PEERS, recipe_for, with_equal_batches
from tandem.core.config import checked_recipe
from tandem.data.spans import RunningText
from tandem.data.stream import Position, Stream
from tandem.lab.assemble import prepared

ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: object, output: Path) -> tuple[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{module}", "--quick", *map(str, arguments), "--json", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(output.read_text(encoding="utf-8"))


def test_an_environment_is_made_once_and_again_where_it_was_left_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    commands: list[list[Any]] = []

    def create(folder: Path, with_pip: bool) -> None:
        (folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages").mkdir(
            parents=True
        )
        made.append(folder.name)

    def install(command: list[Any], check: bool) -> None:
        commands.append(command)
        if len(made) == 1:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))
    monkeypatch.setattr(environments.venv, "create", create)
    monkeypatch.setattr(environments.subprocess, "run", install)
    with pytest.raises(subprocess.CalledProcessError):
        python_of("trainer")
    paths = [python_of("trainer"), python_of("trainer")]
    assert made == [made[0]] * 2
    assert paths == [str(tmp_path / "peers" / made[0] / "bin" / "python")] * 2
    # transformers stands in it even where ours has the same version.
    assert "--ignore-installed" in commands[1]
    assert commands[1][-1] == "transformers==5.23.0"
    assert {"transformers==5.23.0", "accelerate==1.15.0"} <= set(commands[2])
    assert python_of("plain") == sys.executable


def test_peers_hide_as_many_tokens_as_tandem_and_never_padding() -> None:
    ids, lengths = np.full((400, 50), 7), np.full(400, 30)
    inputs, labels = masked(ids, lengths, np.random.default_rng(0), {"mask": 4, "ordinary": [5, 100]})
    chosen = labels != -100
    assert not chosen[:, 30:].any()
    assert (inputs[~chosen] == 7).all()
    assert chosen[:, :30].mean() == pytest.approx(0.15, abs=0.01)
    assert (inputs[chosen] == 4).mean() == pytest.approx(0.8, abs=0.03)
    assert (inputs[chosen] == 7).mean() == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("special", "size", "found"), [([0, 1, 2, 3, 4], 9, (5, 9)), ([0, 1, 8], 9, (2, 8))])
def test_a_random_token_is_never_a_special_one(special: list[int], size: int, found: tuple[int, int]) -> None:
    assert ordinary(special, size) == found


@pytest.mark.campaign
def test_a_training_step_is_raced_against_plain_torch(book: Path, tmp_path: Path) -> None:
    printed, found = run("train_step", "--text", book, "--peers", "plain", output=tmp_path / "numbers.json")
    (row,) = found["rows"]
    assert list(row["speeds"]) == ["tandem fp32", "plain fp32", "tandem bf16", "plain bf16"]
    assert all(speed > 0 for speeds in row["speeds"].values() for speed in speeds)
    ours, theirs = row["speeds"]["tandem bf16"], row["speeds"]["plain fp32"]
    assert row["ratios"]["plain fp32"]["bf16"]["median"] == pytest.approx(ours[0] / theirs[0])
    assert all(row["runs_on"][who].startswith("torch ") for who in row["speeds"])
    assert all(value > 0 for peaks in row["peaks"] for value in peaks.values())
    assert printed.count("plain bf16") == 1


@pytest.mark.parametrize(
    ("peer", "encoder", "expression", "dropout"),
    [
        ("keras", "attention*4 | lstm*2", "attention[heads=4,block=post]*4 | lstm[sees=past]*2", (0.1, 0.0)),
        ("trainer", "attention*4", "attention[heads=4,block=post]*4", (0.1, 0.1)),
        ("plain", "lstm*2", "lstm*2", (0.0, 0.0)),
    ],
)
def test_tandem_trains_the_layers_of_the_peer(
    peer: str, encoder: str, expression: str, dropout: tuple[float, float]
) -> None:
    asked: dict[str, Any] = {
        "width": 64, "vocabulary": 300, "length": 16, "text": None, "corpus": None, "pack": None, "no_dropout": False
    }  # fmt: skip
    recipe = recipe_for(PEERS[peer], encoder, argparse.Namespace(**asked))
    assert (recipe.encoder, recipe.model.positions) == (expression, "learned")
    assert (recipe.model.dropout, recipe.model.embedding_dropout) == dropout
    assert (recipe.corpus["name"], recipe.data.pack) == (
        ("amazon-polarity", "examples") if peer == "keras" else ("sotu", "windows")
    )
    undropped = recipe_for(
        PEERS[peer], encoder, argparse.Namespace(**{**asked, "no_dropout": True, "pack": "sentences"})
    )
    assert (undropped.model.dropout, undropped.model.embedding_dropout, undropped.data.pack) == (0, 0, "sentences")


def test_a_step_of_tandem_reads_as_much_text_as_one_of_a_peer(book: Path) -> None:
    content = {"encoder": "lstm", "corpus": {"name": "file", "path": str(book)}, "tokenizer": {"size": 300},
               "data": {"pack": "sentences", "length": 32}, "budget": {"steps": 1}}  # fmt: skip
    recipe = checked_recipe(content, where="test")
    store = prepared(recipe)
    equal, mean = with_equal_batches(recipe, store, batch=16)
    source = RunningText(store, "train", pack="sentences", length=32)
    stream = Stream(source, batch_tokens=equal.train.batch_tokens, seed=0)
    read = [int(source.lengths(rows).sum()) for rows, _, _ in islice(stream.after(Position()), 60)]
    assert mean < 32
    assert sum(read) / len(read) == pytest.approx(16 * mean, rel=0.1)


@pytest.mark.campaign
@pytest.mark.parametrize("peer", ["trainer", "keras"])
def test_a_training_step_is_raced_against_other_libraries(peer: str, book: Path, tmp_path: Path) -> None:
    """Installs them; so does the next."""
    _, found = run("train_step", "--text", book, "--peers", peer, output=tmp_path / "numbers.json")
    (row,) = found["rows"]
    assert all(speed > 0 for speeds in row["speeds"].values() for speed in speeds)
    assert {"trainer": "transformers", "keras": "jit_compile"}[peer] in row["runs_on"][f"{peer} fp32"]


@pytest.mark.campaign
def test_two_recipes_are_timed_to_the_loss_of_the_trainer(book: Path, tmp_path: Path) -> None:
    printed, found = run("time_to_loss", "--text", book, output=tmp_path / "numbers.json")
    assert found["rate"] in (2e-4, 5e-4)
    assert set(found["curves"]) == {"trainer", "same", "own"}
    for name, curve in found["curves"].items():
        assert curve[-1][0] >= (6 if name == "trainer" else 2)
        assert curve[-1][1] < curve[0][1]
    assert printed.count("Tandem, ") == 2


def test_memory_is_what_a_process_takes_for_itself_while_it_runs(tmp_path: Path) -> None:
    """Pages of a file that it maps are not its own."""
    (tmp_path / "mapped").write_bytes(b"x" * 90_000_000)
    code = "import mmap, sys; held = bytearray(b'x') * 60_000_000; file = open(sys.argv[1], 'rb')\n"
    code += "mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ); mapped.find(b'y'); print(flush=True); input()"
    command = [sys.executable, "-c", code, str(tmp_path / "mapped")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with Memory([process.pid]) as memory:
            pass
        process.communicate(b"\n")
    assert 60 < memory.most < 90


@pytest.mark.campaign
def test_scale_measures_tokens_and_memory_along_each_dial(tmp_path: Path) -> None:
    _, found = run("scale", output=tmp_path / "numbers.json")
    dials = [("length", 8), ("length", 16), ("corpus", 2), ("processes", 2), ("spread", 2)]
    assert [(line["dial"], line[line["dial"]]) for line in found] == dials
    assert all(speed > 0 for line in found for speed in line["tokens"])
    assert all(line["seconds_a_sequence"] == pytest.approx(line["length"] / line["tokens"][0]) for line in found)
    assert all(line["memory"] > 50 for line in found[:-1])
    assert "memory" not in found[-1]


@pytest.mark.campaign
def test_startup_times_python_torch_and_the_commands(book: Path, tmp_path: Path) -> None:
    printed, found = run("startup", "--text", book, output=tmp_path / "numbers.json")
    assert list(found) == [
        "python", "python, torch", "tandem --help", "tandem train --help", "tandem generate, first token"
    ]  # fmt: skip
    assert printed.count(" ms (") == len(found)


def test_generation_is_timed_from_a_state_and_without(book: Path, tmp_path: Path) -> None:
    printed, found = run("generate", "--text", book, "--peers", output=tmp_path / "numbers.json")
    *timed, last = found
    assert [(line["encoder"], line["length"]) for line in timed] == [("mingru*2", 4), ("mingru*2", 8)]
    assert all(set(line["speeds"]) == {"cached", "not cached"} for line in timed)
    assert set(last["memory"]) == {"64", "256"}
    assert abs(last["memory"]["256"] - last["memory"]["64"]) < 20
    assert re.search(r"256 tokens take [+-][\d.]+ MB beside 64", printed)


@pytest.mark.campaign
def test_generation_is_timed_beside_transformers(book: Path, tmp_path: Path) -> None:
    """Installs it."""
    printed, found = run("generate", "--text", book, output=tmp_path / "numbers.json")
    ways = {"cached", "not cached", "transformers cached", "transformers not cached"}
    assert all(set(line["speeds"]) == ways for line in found[:-1])
    assert "beside torch" in printed
