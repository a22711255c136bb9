"""A study's file: its keys, and what may be said with them."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from tandem.core.errors import UsageError, neighbours, suggestion
from tandem.core.files import as_name
from tandem.core.tables import Positive, Table

Equal = Literal["parameters", "flops", "width", "tokens", "seconds"]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Name = Annotated[str, Field(min_length=1)]


class ArmTable(Table):
    """`[arms.NAME]`: an encoder, and what else this arm lays over the recipe, written as for `--set`.

    With a `recipe` of its own an arm need not name an encoder. `learning_rates` stand for those of the study; there
    must be as many.
    """

    encoder: str = ""
    recipe: str = ""
    set: list[str] = Field(default_factory=list)
    learning_rates: list[Positive] = Field(default_factory=list)


class SettingsTable(Table):
    """`[tasks.NAME]` and `[equal.NAME]`: what is laid over the recipe there, such as another corpus or budget."""

    set: list[str] = Field(default_factory=list)


class FactorsTable(Table):
    """`[factors]`: the four arms of a design of two by two."""

    neither: Name
    recurrence: Name
    attention: Name
    both: Name


class StudyTable(Table):
    """A whole study. `recipe` stands beside the file and holds what all arms share.

    The study is made once for each quantity in `equal`. `reference` keeps its width, by default the first arm. Every
    arm tries all `learning_rates` with `tuning_seed`, and is then trained with each of `seeds` at the rate that was
    best on the validation split. `score` is what arms are judged by on the test split; a difference below `worth` would
    not matter. `limits` are sentences that its report repeats: for what the answer does not hold.
    """

    question: Name
    recipe: Name
    equal: Annotated[dict[Equal, SettingsTable], Field(min_length=1)]
    seeds: Annotated[list[Seed], Field(min_length=1)]
    arms: Annotated[dict[Name, ArmTable], Field(min_length=2)]
    learning_rates: list[Positive] = Field(default_factory=list)
    tuning_seed: Seed = 1_000_000
    reference: str = ""
    score: Name = "loss"
    worth: Positive | None = None
    tasks: dict[Name, SettingsTable] = Field(default_factory=lambda: {"task": SettingsTable()})
    factors: FactorsTable | None = None
    limits: list[Name] = Field(default_factory=list)


def read_table(path: Path) -> StudyTable:
    """The TOML file of a study, every name in which refers to something.

    Raises:
        UsageError: the file is missing or no TOML, a key or a value is wrong, or a name refers to nothing.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such study{neighbours(path, path.parent.glob('*.toml'))}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as TOML ({error})") from None
    try:
        table = StudyTable.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{path}: {_explained(error)}") from None
    _check_names(path, table)
    _check_numbers(path, table)
    return table


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


def _check_numbers(path: Path, table: StudyTable) -> None:
    for what, given in (("seeds", table.seeds), ("learning_rates", table.learning_rates)):
        if len(set(given)) < len(given):
            raise UsageError(f"{path}: {what} = {given}: each once")
    for name, arm in table.arms.items():
        if not (arm.encoder or arm.recipe):
            raise UsageError(f'{path}: "arms.{name}.encoder" is missing')
        if arm.learning_rates and len({*arm.learning_rates}) != len(table.learning_rates):
            raise UsageError(
                f"{path}: arms.{name}.learning_rates = {arm.learning_rates}: every arm tries as many as the study, "
                f"{len(table.learning_rates)}, each once"
            )
    if table.tuning_seed in table.seeds:
        raise UsageError(f"{path}: tuning_seed = {table.tuning_seed} is one of the seeds: tune on a seed of its own")
