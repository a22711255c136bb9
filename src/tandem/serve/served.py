"""Finished runs that are opened to answer, and what each of them can do."""

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any

from tandem.core.errors import TandemError, UsageError
from tandem.lab.folder import OpenRun, RunFolder, open_run
from tandem.lab.scoring.questions import measures
from tandem.lab.scoring.scorer import Scorer
from tandem.nn.cost import parameters
from tandem.nn.mixers.attention import Attention
from tandem.nn.model import Model, in_float64
from tandem.nn.trace import layer_names
from tandem.objectives.classify import Classify
from tandem.objectives.pair_base import PairObjective
from tandem.objectives.tag import Tag
from tandem.objectives.translate import Translate
from tandem.serve.problems import Problem
from tandem.serve.watch import watch

HOW_TO_TRAIN = "train one with: tandem compare recipes/demo/*.toml"


@dataclass(frozen=True)
class Served:
    """An open run under the name that clients know it by."""

    id: str
    run: OpenRun

    def __post_init__(self) -> None:
        watch(self.run.model)

    @cached_property
    def can(self) -> tuple[str, ...]:
        """The actions it can be asked for, in the order of the API."""
        objective = self.run.objective
        able = {
            "fill-mask": objective.hides,
            "generate": objective.asks in ("next", "masks"),
            "next": objective.hides or objective.asks == "next",
            "score": _tells_tokens(self.run),
            "classify": isinstance(objective, Classify),
            "tag": isinstance(objective, Tag),
            "nli": isinstance(objective, PairObjective) and bool(objective.labels),
            "similarity": True,
            "embed": True,
            "translate": isinstance(objective, Translate),
            "attention": any(name.endswith(" attention") for name in layer_names(self.run.model.encoder)),
            "influence": True,
        }
        return tuple(name for name, is_able in able.items() if is_able)

    @cached_property
    def exact(self) -> Model:
        """The model in float64, for what is computed so; made when it is first asked for, and kept."""
        return in_float64(self.run.model)

    @cached_property
    def scorer(self) -> Scorer:
        """What tells log-probabilities."""
        return Scorer(self.exact, self.run.objective)

    @cached_property
    def attention_heads(self) -> int:
        """The attention heads of all its layers."""
        return sum(module.heads for module in self.run.model.encoder.body.modules() if isinstance(module, Attention))

    @cached_property
    def card(self) -> dict[str, Any]:
        """What a client should know about it."""
        recipe, result = self.run.recipe, self.run.folder.read_json(self.run.folder.scores, "scores", "tokens")
        return {
            "id": self.id, "encoder": recipe.encoder, "task": recipe.task, "asks": self.run.objective.asks,
            "labels": list(self.run.objective.labels), "parameters": parameters(self.run.model).total,
            "tokens": result["tokens"], "scores": held_out(result["scores"]), "can": list(self.can),
        }  # fmt: skip


def held_out(scores: dict[str, Any]) -> dict[str, float]:
    """All finite numbers on the test split, or on the validation split where there is no other."""
    chosen = scores.get("test") or scores.get("validation") or {}
    numbers = {**chosen, **chosen.get("more", {})}
    return {
        name: float(value) for name, value in numbers.items() if isinstance(value, int | float) and math.isfinite(value)
    }


class Shelf:
    """All that is served, by id."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.all = {one.id: one for one in served}

    def find(self, name: str | None, action: str) -> Served:
        """The model `name`, or the first that can do `action`.

        Raises:
            Problem: there is no such model, or it does something else.
        """
        able = [one for one in self.all.values() if action in one.can]
        if name is None:
            if not able:
                raise Problem(409, f"no model that is served can {action}", fix="serve a run whose task it is")
            return able[0]
        if name not in self.all:
            raise Problem(404, "there is no model of that name", fix="GET /api/v1/models lists the models")
        if self.all[name] not in able:
            others = ", ".join(one.id for one in able[:5])
            raise Problem(
                409, f"this model cannot {action}", fix=f"ask {others}" if others else "serve a run whose task it is"
            )
        return self.all[name]


def finished_runs(folder: Path) -> list[Path]:
    """Every finished run under `folder`, in the order of their names.

    Raises:
        UsageError: there is none.
    """
    found = sorted(path.parent for path in folder.rglob("scores.json") if RunFolder(path.parent).config.is_file())
    if not found:
        raise UsageError(f"{folder}: holds no finished run; {HOW_TO_TRAIN}")
    return found


def open_all(paths: Sequence[Path], *, refuse: Callable[[str], None]) -> list[Served]:
    """Opens runs for serving; `refuse` is told, in one line, of each that cannot be.

    Raises:
        TandemError: none of them can; it is the first one's error.
    """
    opened: dict[str, Served] = {}
    first: TandemError | None = None
    for path in {path.resolve(): path for path in paths}.values():
        try:
            one = Served(free_name(path, opened), open_run(path))
            # Made of a file that may be of another version: better refused now than when somebody asks.
            _ = one.card
            opened[one.id] = one
        except TandemError as error:
            first = first or error
            refuse(f"not served: {error}")
    if not opened:
        raise first or UsageError(f"no run is named; {HOW_TO_TRAIN}")
    return list(opened.values())


def name_of(path: Path) -> str:
    """`demo/lstm` for `runs/demo/lstm`, and for any other folder its own name."""
    parts = path.parts
    last = max((place for place, part in enumerate(parts[:-1]) if part == "runs"), default=None)
    return path.resolve().name if last is None else "/".join(parts[last + 1 :])


def free_name(path: Path, taken: Container[str]) -> str:
    """What clients call that folder, of which they are told no place; with a number behind it where that is `taken`."""
    own = name_of(path)
    return next(name for name in chain([own], (f"{own}-{number}" for number in count(2))) if name not in taken)


def _tells_tokens(run: OpenRun) -> bool:
    try:
        return bool(measures(run.objective))
    except UsageError:
        return False
