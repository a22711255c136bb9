"""What is served, and how every run beside it has learnt."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tandem.core.errors import TandemError
from tandem.lab.assemble import objective_of
from tandem.lab.folder import RunFolder
from tandem.serve.problems import Problem
from tandem.serve.reports import Confusion, Document, confusions, documents
from tandem.serve.served import Served, held_out, name_of
from tandem.train.logbook import read_log

MOST_RUNS, MOST_POINTS = 200, 200


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
    """A run, finished or not; what is known only at its end is null before.

    `unit` is that of its loss, `split` the one that `scores` were measured on.
    """

    id: str
    encoder: str
    task: str
    finished: bool
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
        self.folders = [one.run.folder.path for one in served]

    def runs(self) -> Runs:
        """Every run folder that stands beside a served one, as it is now; damaged ones are left out."""
        return Runs(runs=[card for _, card in islice(self._cards(), MOST_RUNS)])

    def report(self, name: str) -> Report:
        """What the files of the run `name` say.

        Raises:
            Problem: there is no such run.
        """
        found = next((one for one in islice(self._cards(), MOST_RUNS) if one[1].id == name), None)
        if found is None:
            raise Problem(404, "there is no run of that name", fix="GET /api/v1/runs lists the runs")
        path, card = found
        return Report(run=card, documents=list(documents(path)), confusions=list(confusions(path)))

    def _cards(self) -> Iterator[tuple[Path, RunCard]]:
        beside = {path for parent in {folder.parent for folder in self.folders} for path in parent.iterdir()}
        for path in sorted(beside | set(self.folders)):
            try:
                if RunFolder(path).config.is_file():
                    yield path, _card(path)
            except (TandemError, KeyError, TypeError, ValueError, OSError):
                # A run that begins, or is being deleted, has half of its files; a folder may be another user's.
                continue


def _card(path: Path) -> RunCard:
    folder = RunFolder(path)
    recipe = folder.recipe()
    result: dict[str, Any] = folder.read_json(folder.scores) if folder.complete else {}
    parameters, scores = result.get("parameters"), result.get("scores", {})
    return RunCard(
        id=name_of(path), encoder=recipe.encoder, task=recipe.task, finished=folder.complete,
        unit=result.get("unit") or objective_of(recipe).unit,
        split=next((split for split in ("test", "validation") if scores.get(split)), None),
        parameters=None if parameters is None else sum(parameters.values()),
        flops_per_token=result.get("flops_per_token"), scores=held_out(scores),
        curve=_curve(folder.log),
    )  # fmt: skip


def _curve(log: Path) -> list[Point]:
    if not log.is_file():
        return []
    state = log.stat()
    return _read_curve(log, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=MOST_RUNS)
def _read_curve(log: Path, size: int, changed: int) -> list[Point]:  # noqa: ARG001 - another file is read again
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
