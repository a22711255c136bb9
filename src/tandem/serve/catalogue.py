"""What is served, and how every run beside it has learnt."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from tandem.core.errors import TandemError
from tandem.core.files import is_owned
from tandem.lab.folder import RunFolder
from tandem.serve.served import Served, held_out, name_of
from tandem.train.logbook import read_log

MOST_RUNS, MOST_POINTS = 200, 200
Changes = tuple[tuple[int, int] | None, ...]
"""When recipe, scores and log of a run were written, in nanoseconds, and how long they are; None for what is absent."""


class ModelCard(BaseModel):
    """A model that is served."""

    id: str
    encoder: str
    task: str
    asks: str
    labels: list[str]
    parameters: int
    tokens: int
    scores: dict[str, float]
    can: list[str]


class Models(BaseModel):
    """All of them."""

    models: list[ModelCard]


class Point(BaseModel):
    """An evaluation on the validation split."""

    step: int
    tokens: int
    loss: float
    accuracy: float


class RunCard(BaseModel):
    """A run; what is known only at its end is null before. A stopped one is not finished, and nothing works on it."""

    id: str
    encoder: str
    task: str
    finished: bool
    state: Literal["training", "stopped", "finished"]
    parameters: int | None
    flops_per_token: float | None
    scores: dict[str, float]
    curve: list[Point]


class Runs(BaseModel):
    """All of them."""

    runs: list[RunCard]


class Catalogue:
    """Answers from the files of runs; nothing is computed."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.models = Models(models=[ModelCard(**one.card) for one in served])
        self.folders = [one.run.folder.path for one in served]

    def runs(self) -> Runs:
        """The run folders that stand beside a served one, as they are now; damaged ones are left out.

        Where there are more than `MOST_RUNS`, it is those that changed last.
        """
        newest = sorted(self._changes().items(), key=lambda one: max(filter(None, one[1])), reverse=True)
        return Runs(runs=list(self._cards(dict(newest[:MOST_RUNS]))))

    def _changes(self) -> dict[Path, Changes]:
        found = set(self.folders)
        for parent in {folder.parent for folder in self.folders}:
            # Moved away, or another user's.
            with suppress(OSError):
                found.update(parent.iterdir())
        return {path: changes for path in found if (changes := _changes(RunFolder(path)))[0] is not None}

    def _cards(self, changes: Mapping[Path, Changes]) -> Iterator[RunCard]:
        for path in sorted(changes):
            # A run that begins, or is being deleted, has half of its files.
            with suppress(TandemError, KeyError, TypeError, ValueError, OSError):
                yield _card(path, changes[path], trains=is_owned(path))


def _changes(folder: RunFolder) -> Changes:
    return tuple(map(_changed, (folder.config, folder.scores, folder.log)))


def _changed(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=2 * MOST_RUNS)
def _card(path: Path, changes: Changes, *, trains: bool) -> RunCard:  # noqa: ARG001 - other files are read again
    folder = RunFolder(path)
    recipe = folder.recipe()
    result: dict[str, Any] = folder.read_json(folder.scores) if folder.complete else {}
    parameters = result.get("parameters")
    return RunCard(
        id=name_of(path), encoder=recipe.encoder, task=recipe.task, finished=folder.complete,
        state="finished" if folder.complete else "training" if trains else "stopped",
        parameters=None if parameters is None else sum(parameters.values()),
        flops_per_token=result.get("flops_per_token"), scores=held_out(result.get("scores", {})),
        curve=_curve(folder.log),
    )  # fmt: skip


def _curve(log: Path) -> list[Point]:
    if not log.is_file():
        return []
    points = [
        Point(
            step=line["step"], tokens=line["tokens"], loss=line["validation"]["loss"],
            accuracy=line["validation"]["accuracy"],
        )
        for line in read_log(log)
        if "validation" in line
    ]  # fmt: skip
    every = -(-len(points) // MOST_POINTS) or 1
    # Counted from the end, so that the newest point is always there.
    return points[::-1][::every][::-1]
