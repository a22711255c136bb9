"""Small recipes, and the real command in a process of its own."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from tandem.core.config import Recipe, checked_recipe
from tandem.lab.events import Finished
from tandem.lab.run import train_run

COMMAND = [sys.executable, "-m", "tandem"]


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it wrote."""

    code: int | str | None
    out: str
    err: str


Ask = Callable[..., Answer]


def content(book: Path, **changes: Any) -> dict[str, Any]:
    """A recipe that trains in a moment; `optimiser__name="muon"` sets a key of a table."""
    tables: dict[str, Any] = {
        "encoder": "lstm",
        "corpus": {"name": "file", "path": str(book)},
        "model": {"width": 16},
        "tokenizer": {"kind": "words", "size": 300},
        "data": {"length": 16},
        "budget": {"steps": 6},
        "train": {"batch_tokens": 256, "precision": "fp32", "evaluate_every": 0.5, "evaluate_tokens": 200},
    }
    for name, value in changes.items():
        table, _, key = name.partition("__")
        if table == "budget":
            tables["budget"] = {key: value}
        elif key:
            tables.setdefault(table, {})[key] = value
        else:
            tables[table] = value
    return tables


def tiny(book: Path, **changes: Any) -> Recipe:
    """The same as a recipe."""
    return checked_recipe(content(book, **changes), where="test")


def written(path: Path, book: Path, **changes: Any) -> Path:
    """The same as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomli_w.dumps(content(book, **changes)), encoding="utf-8")
    return path


def tandem(
    *arguments: object,
    cwd: Path,
    before: Callable[[], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Runs `tandem` with these arguments to its end; `before` is called in the new process."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env={**os.environ, **environment}, preexec_fn=before, text=True,
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def python(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a small program in a process of its own."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def started(*arguments: object, cwd: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`tandem` with these arguments, running; it does not outlive the block."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size` bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def num_lines(path: Path) -> int:
    """How many whole lines a file holds; an absent one holds none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def left_half_written(folder: Path) -> list[Path]:
    """Everything under `folder` that nobody but its writer should ever see."""
    # os.walk passes over what another process renames while it looks; rglob does not.
    everything = (Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files))
    return [path for path in everything if path.name.endswith(".tmp")]


def trained(recipe: Recipe, folder: Path) -> Path:
    """The folder of a finished run."""
    assert isinstance(list(train_run(recipe, folder))[-1], Finished)
    return folder
