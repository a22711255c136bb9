"""What is served, and how every run beside it has learnt."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from tandem.core.errors import TandemError
from tandem.core.files import is_owned
from tandem.lab.assemble import objective_of
from tandem.lab.folder import RunFolder
from tandem.serve.problems import Problem
from tandem.serve.reports import Confusion, Document, confusions, documents
from tandem.serve.served import Served, free_name, held_out, name_of
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
    """A run; what is known only at its end is null before. A stopped one is not finished, and nothing works on it.

    `unit` is that of its loss, `split` the one that `scores` were measured on.
    """

    id: str
    encoder: str
    task: str
    finished: bool
    state: Literal["training", "stopped", "finished"]
    unit: str
    split: str | None
    parameters: int | None
    flops_per_token: float | None
    scores: dict[str, float]
    curve: list[Point]


class Runs(BaseModel):
    """All of them."""

    runs: list[RunCard]


class Report(BaseModel):
    """A run, what its folder and those above it say of it for people, and how it takes one class for another."""

    run: RunCard
    documents: list[Document]
    confusions: list[Confusion]


class Catalogue:
    """Answers from the files of runs; nothing is computed."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.models = Models(models=[ModelCard(**one.card) for one in served])
        self.ids = {one.run.folder.path.resolve(): one.id for one in served}

    def runs(self) -> Runs:
        """The run folders that stand beside a served one, as they are now; damaged ones are left out.

        Where there are more than `MOST_RUNS`, it is those that changed last.
        """
        return Runs(runs=[card for _, card in self._cards()])

    def report(self, name: str) -> Report:
        """What the files of the run `name` say.

        Raises:
            Problem: there is no such run.
        """
        found = next((one for one in self._cards() if one[1].id == name), None)
        if found is None:
            raise Problem(404, "there is no run of that name", fix="GET /api/v1/runs lists the runs")
        path, card = found
        return Report(run=card, documents=list(documents(path)), confusions=list(confusions(path)))

    def _changes(self) -> dict[Path, Changes]:
        found = set(self.ids)
        for parent in {folder.parent for folder in self.ids}:
            # Moved away, or another user's.
            with suppress(OSError):
                found.update(parent.iterdir())
        return {path: changes for path in found if (changes := _changes(RunFolder(path)))[0] is not None}

    def _cards(self) -> Iterator[tuple[Path, RunCard]]:
        changes = self._changes()
        newest = sorted(changes, key=lambda path: max(filter(None, changes[path])), reverse=True)
        ids = dict(self.ids)
        for path in sorted(newest[:MOST_RUNS]):
            ids.setdefault(path, free_name(path, ids.values()))
            # A run that begins, or is being deleted, has half of its files.
            with suppress(TandemError, KeyError, TypeError, ValueError, OSError):
                card = _card(path, changes[path], trains=is_owned(path))
                yield path, card.model_copy(update={"id": ids[path]})


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
    parameters, scores = result.get("parameters"), result.get("scores", {})
    return RunCard(
        id=name_of(path), encoder=recipe.encoder, task=recipe.task, finished=folder.complete,
        state="finished" if folder.complete else "training" if trains else "stopped",
        unit=result.get("unit") or objective_of(recipe).unit,
        split=next((split for split in ("test", "validation") if scores.get(split)), None),
        parameters=None if parameters is None else sum(parameters.values()),
        flops_per_token=result.get("flops_per_token"), scores=held_out(scores),
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
