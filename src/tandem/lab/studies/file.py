"""A study as a file: which arms are compared, what is equal among them, and all runs that this takes."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError, suggestion
from tandem.core.files import as_name
from tandem.core.tables import Positive, Table
from tandem.lab.match import TOLERANCE, match

Equal = Literal["parameters", "flops", "width", "tokens", "seconds"]
BY_BUDGET = ("tokens", "seconds")
"""What the recipe's budget makes equal; for these, arms keep their widths."""
Place = tuple[str, Equal, str]
"""A task, what is equal there, and the name of an arm."""
ROOT = Path("runs")
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Names = Annotated[str, Field(min_length=1)]


class ArmTable(Table):
    """`[arms.NAME]`: an encoder, and what else this arm lays over the recipe, written as for `--set`."""

    encoder: Names
    set: list[str] = Field(default_factory=list)


class SettingsTable(Table):
    """`[tasks.NAME]` and `[equal.NAME]`: what is laid over the recipe there, such as another corpus or budget."""

    set: list[str] = Field(default_factory=list)


class FactorsTable(Table):
    """`[factors]`: the four arms of a design of two by two."""

    neither: Names
    recurrence: Names
    attention: Names
    both: Names


class StudyTable(Table):
    """A whole study. `recipe` stands beside the file and holds what all arms share.

    The study is made once for each quantity in `equal`. `reference` keeps its width, by default the first arm. Every
    arm tries all `learning_rates` with `tuning_seed`, and is then trained with each of `seeds` at the rate that was
    best on the validation split. `score` is what arms are judged by on the test split; a difference below `worth` would
    not matter.
    """

    question: Names
    recipe: Names
    equal: Annotated[dict[Equal, SettingsTable], Field(min_length=1)]
    seeds: Annotated[list[Seed], Field(min_length=1)]
    arms: Annotated[dict[Names, ArmTable], Field(min_length=2)]
    learning_rates: list[Positive] = Field(default_factory=list)
    tuning_seed: Seed = 1_000_000
    reference: str = ""
    score: Names = "loss"
    worth: Positive | None = None
    tasks: dict[Names, SettingsTable] = Field(default_factory=lambda: {"task": SettingsTable()})
    factors: FactorsTable | None = None


@dataclass(frozen=True)
class StudyRun:
    """One run of a study: where it belongs, what it trains, and its folder below that of the study."""

    task: str
    equal: Equal
    arm: str
    recipe: Recipe
    folder: Path

    @property
    def place(self) -> Place:
        """The arm that it is a run of."""
        return self.task, self.equal, self.arm


@dataclass(frozen=True)
class Study:
    """A study that was read and checked; every name in it refers to something."""

    path: Path
    table: StudyTable

    def arms(self, task: str, equal: Equal) -> dict[str, Recipe]:
        """The recipe of every arm for one of the tasks, made equal to the reference.

        Raises:
            UsageError: an arm or the recipe is wrong, or no width makes an arm equal within 2 %.
        """
        recipes = {name: self._recipe(task, equal, arm) for name, arm in self.table.arms.items()}
        for name, recipe in recipes.items():
            if equal in BY_BUDGET and getattr(recipe.budget, equal) is None:
                (dial,) = recipe.budget.model_fields_set
                raise UsageError(
                    f"{self.path}: equal {equal}, but the budget of arm {name} is in {dial}; lay "
                    f"budget.{equal} over it: set under [equal.{equal}]"
                )
        if equal in BY_BUDGET:
            return recipes
        _, _, found = match(list(recipes.values()), recipes[self.reference], equal=equal)
        for name, matched in zip(recipes, found, strict=True):
            if not matched.holds:
                raise UsageError(
                    f"{self.path}: arm {name} cannot have equal {equal} within {TOLERANCE:.0%}: at width "
                    f"{matched.after.width:,} it misses by {matched.miss:+.1%}; change the recipe's model.width"
                )
        return {name: matched.recipe for name, matched in zip(recipes, found, strict=True)}

    @property
    def reference(self) -> str:
        """The arm that keeps its width."""
        return self.table.reference or next(iter(self.table.arms))

    def trials(self) -> Iterator[StudyRun]:
        """The runs that choose each arm's learning rate: as many for each arm; none where there is no choice.

        Raises:
            What `arms` raises.
        """
        if len(self.table.learning_rates) > 1:
            for task, equal, name, recipe in self._all_arms():
                for rate in self.table.learning_rates:
                    yield self._run(task, equal, name, recipe, rate, self.table.tuning_seed)

    def runs(self, rates: Mapping[Place, float]) -> Iterator[StudyRun]:
        """The runs that are compared; `rates` holds the learning rate of each (task, equal, arm) that had a choice.

        An arm that had a choice and is not in `rates` has no runs.

        Raises:
            What `arms` raises.
        """
        given = self.table.learning_rates
        for task, equal, name, recipe in self._all_arms():
            only = given[0] if given else recipe.optimiser.learning_rate
            rate = rates.get((task, equal, name)) if len(given) > 1 else only
            for seed in self.table.seeds if rate is not None else []:
                assert rate is not None
                yield self._run(task, equal, name, recipe, rate, seed)

    @cached_property
    def parts(self) -> dict[tuple[str, Equal], dict[str, Recipe]]:
        """The arms of every task and every quantity that is made equal.

        Raises:
            What `arms` raises.
        """
        return {(task, equal): self.arms(task, equal) for task in self.table.tasks for equal in self.table.equal}

    @property
    def folder(self) -> Path:
        """Where its runs and reports are."""
        return ROOT / as_name(self.path.stem)

    def _all_arms(self) -> Iterator[tuple[str, Equal, str, Recipe]]:
        for (task, equal), arms in self.parts.items():
            for name, recipe in arms.items():
                yield task, equal, name, recipe

    def _recipe(self, task: str, equal: Equal, arm: ArmTable) -> Recipe:
        overrides = [*self.table.tasks[task].set, *self.table.equal[equal].set, f"encoder={arm.encoder}", *arm.set]
        return read_recipe(self.path.parent / self.table.recipe, overrides)

    def _run(self, task: str, equal: Equal, name: str, recipe: Recipe, rate: float, seed: int) -> StudyRun:
        overrides = [f"optimiser.learning_rate={rate}", f"seed={seed}"]
        content = recipe.model_dump(exclude_none=True)
        folder = self.folder.joinpath(*map(as_name, (task, equal, name, f"rate={rate:g}+seed={seed}")))
        return StudyRun(task, equal, name, checked_recipe(content, where=str(self.path), overrides=overrides), folder)


def read_study(path: Path) -> Study:
    """The study in a TOML file.

    Raises:
        UsageError: the file is missing or no TOML, a key or a value is wrong, or a name refers to nothing.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such study") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as TOML ({error})") from None
    try:
        table = StudyTable.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{path}: {_explained(error)}") from None
    _check_names(path, table)
    return Study(path, table)


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    steps = [str(step) for step in first["loc"]]
    key = ".".join(steps)
    if first["type"] == "extra_forbidden":
        tables: dict[str, type[Table]] = {
            "arms": ArmTable, "tasks": SettingsTable, "equal": SettingsTable, "factors": FactorsTable,
        }  # fmt: skip
        legal = (tables[steps[0]] if len(steps) > 1 else StudyTable).model_fields
        return f'unknown key "{key}"{suggestion(steps[-1], legal)}'
    if first["type"] == "missing":
        return f'"{key}" is missing'
    hint = suggestion(str(first["input"]), get_args(Equal)) if first["type"] == "literal_error" else ""
    return f"{key} = {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:].partition(' (')[0]}{hint}"


def _check_names(path: Path, table: StudyTable) -> None:
    for what, names in (("arms", list(table.arms)), ("tasks", list(table.tasks))):
        folders = [as_name(name).lower() for name in names]
        if len(set(folders)) < len(folders):
            raise UsageError(f"{path}: two of the {what} {', '.join(names)} would share a folder: name them apart")
    wanted = {"reference": table.reference} if table.reference else {}
    wanted |= {f"factors.{name}": arm for name, arm in (table.factors.model_dump() if table.factors else {}).items()}
    for key, arm in wanted.items():
        if arm not in table.arms:
            raise UsageError(f'{path}: {key} = "{arm}" is no arm{suggestion(arm, table.arms)}')
    for what, given in (("seeds", table.seeds), ("learning_rates", table.learning_rates)):
        if len(set(given)) < len(given):
            raise UsageError(f"{path}: {what} = {given}: each once")
    if table.tuning_seed in table.seeds:
        raise UsageError(f"{path}: tuning_seed = {table.tuning_seed} is one of the seeds: tune on a seed of its own")
