"""Several recipes under equal conditions, with as many seeds as asked for."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tandem.core.config import Recipe, read_recipe
from tandem.core.errors import UsageError
from tandem.lab.assemble import check
from tandem.lab.card import write_card
from tandem.lab.corpora import corpus_table
from tandem.lab.events import Event
from tandem.lab.folder import RunFolder
from tandem.lab.origins import resolved
from tandem.lab.run import default_folder, train_run


@dataclass(frozen=True)
class Planned:
    """One run to be: its recipe, its folder, and the command that trains it alone."""

    recipe: Recipe
    folder: Path
    command: str


@dataclass(frozen=True)
class Data:
    """What a recipe is to read in place of its own corpus: a name or a path, and which columns hold what."""

    source: str
    columns: dict[str, str]

    def in_command(self) -> list[str]:
        """As arguments of a command."""
        return ["--data", self.source, *(word for name, value in self.columns.items() for word in (f"--{name}", value))]

    def in_name(self) -> list[str]:
        """As parts of a folder's name."""
        return [Path(self.source).name, *(f"{name}={Path(value).name}" for name, value in self.columns.items())]


def plan_run(path: Path, overrides: list[str], *, data: Data | None = None, out: Path | None = None) -> Planned:
    """The run of one recipe file, checked.

    Raises:
        UsageError: the recipe is wrong, or `data` means nothing. DataError: the text is not there.
    """
    corpus = {**corpus_table(data.source), **data.columns} if data else None
    recipe = resolved(read_recipe(path, overrides, corpus=corpus))
    words = ["tandem", "train", str(path)]
    names = list(overrides)
    if data:
        words += data.in_command()
        names = [*data.in_name(), *names]
    check(recipe)
    words += [word for override in overrides for word in ("--set", override)]
    words += ["--out", str(out)] if out else []
    return Planned(recipe, out or default_folder(path, names), shlex.join(words))


def plan(recipe_paths: list[Path], *, seeds: int, overrides: list[str], data: Data | None = None) -> list[Planned]:
    """All runs of a comparison, every recipe checked. Seed k of a recipe is its own seed plus k.

    Raises:
        UsageError: a recipe is wrong, or two would share a folder.
    """
    if seeds < 1:
        raise UsageError(f"seeds = {seeds}: at least 1")
    planned = []
    for path in recipe_paths:
        first = plan_run(path, overrides, data=data)
        others = [f"seed={first.recipe.seed + turn}" for turn in range(1, seeds)]
        planned += [first, *(plan_run(path, [*overrides, seed], data=data) for seed in others)]
    folders = [run.folder for run in planned]
    twice = [str(folder) for folder in folders if folders.count(folder) > 1]
    if twice:
        raise UsageError(f"two of the recipes would train into {twice[0]}: give them different names")
    return planned


def run_all(planned: list[Planned], *, say: Callable[[str], None] = lambda _: None) -> Iterator[tuple[Planned, Event]]:
    """Trains one run after the other and writes their cards; finished ones are passed over."""
    for run in planned:
        for event in train_run(run.recipe, run.folder, say=say):
            yield run, event
        write_card(RunFolder(run.folder), command=run.command, say=say)
