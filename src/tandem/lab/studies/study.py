"""A study: which arms are compared, what is equal among them, and all runs that this takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError
from tandem.core.files import as_name
from tandem.lab.match import TOLERANCE, match
from tandem.lab.origins import resolved
from tandem.lab.studies.file import ArmTable, Equal, StudyTable, read_table

BY_BUDGET = ("tokens", "seconds")
"""What the recipe's budget makes equal; for these, arms keep their widths."""
Place = tuple[str, Equal, str]
"""A task, what is equal there, and the name of an arm."""
ROOT = Path("runs")
SPENT = ("batch_tokens", "precision", "adversarial")
"""Keys of `[train]` that decide what a token costs, or how many steps there are."""


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
            if different := _unequal(recipe, recipes[self.reference]):
                raise UsageError(
                    f"{self.path}: arm {name} has another {different} than {self.reference}: what arms may spend is "
                    f"laid over all of them: set under [equal.{equal}] or [tasks.{task}]"
                )
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
                for rate in self.rates(name):
                    yield self._run(task, equal, name, recipe, rate, self.table.tuning_seed)

    def runs(self, rates: Mapping[Place, float]) -> Iterator[StudyRun]:
        """The runs that are compared; `rates` holds the learning rate of each (task, equal, arm) that had a choice.

        An arm that had a choice and is not in `rates` has no runs.

        Raises:
            What `arms` raises.
        """
        for task, equal, name, recipe in self._all_arms():
            given = self.rates(name)
            only = given[0] if given else recipe.optimiser.learning_rate
            rate = rates.get((task, equal, name)) if len(given) > 1 else only
            for seed in self.table.seeds if rate is not None else []:
                assert rate is not None
                yield self._run(task, equal, name, recipe, rate, seed)

    def rates(self, arm: str) -> list[float]:
        """The learning rates that an arm tries."""
        return self.table.arms[arm].learning_rates or self.table.learning_rates

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
        encoder = [f"encoder={arm.encoder}"] if arm.encoder else []
        overrides = [*self.table.tasks[task].set, *self.table.equal[equal].set, *encoder, *arm.set]
        return resolved(read_recipe(self.path.parent / (arm.recipe or self.table.recipe), overrides))

    def _run(self, task: str, equal: Equal, name: str, recipe: Recipe, rate: float, seed: int) -> StudyRun:
        overrides = [f"optimiser.learning_rate={rate}", f"seed={seed}"]
        content = recipe.model_dump(exclude_none=True)
        folder = self.folder.joinpath(*map(as_name, (task, equal, name, f"rate={rate:g}+seed={seed}")))
        return StudyRun(task, equal, name, checked_recipe(content, where=str(self.path), overrides=overrides), folder)


def _unequal(recipe: Recipe, reference: Recipe) -> str:
    """The first key of what a training may spend in which two recipes differ, or nothing."""
    spent = [
        {"budget": one.budget, **{f"train.{key}": getattr(one.train, key) for key in SPENT}}
        for one in (recipe, reference)
    ]
    return next((key for key in spent[0] if spent[0][key] != spent[1][key]), "")


def read_study(path: Path) -> Study:
    """The study in a TOML file.

    Raises:
        UsageError: the file is missing or no TOML, a key or a value is wrong, or a name refers to nothing.
    """
    return Study(path, read_table(path))
