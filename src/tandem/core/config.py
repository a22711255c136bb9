"""A recipe: everything that decides a run, read from TOML, strictly."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, get_args

import tomli_w
from pydantic import BaseModel, Field, ValidationError, model_validator

from tandem.core.errors import UsageError, neighbours, suggestion
from tandem.core.tables import (
    BudgetTable,
    DataTable,
    ModelTable,
    OptimiserTable,
    ScheduleTable,
    Table,
    TokenizerTable,
    TrainTable,
    TransferTable,
)

SCRATCH = "scratch"


class Recipe(Table):
    """One experiment. `corpus` and `objective` hold the options of those parts, which check them.

    `init` says where the first weights come from: `scratch`, the folder of a finished run, or `hf:` and the name or the
    folder of a pretrained BERT. Without an `encoder` it is the one that is taken over. With a `target_tokenizer`,
    `tokenizer` reads the first texts of a corpus of translations alone and the other one reads the second.
    """

    encoder: str = ""
    task: str = "mlm"
    init: Annotated[str, Field(min_length=1)] = SCRATCH
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    samples: list[str] = Field(default_factory=list)
    corpus: dict[str, Any] = Field(default_factory=dict)
    objective: dict[str, Any] = Field(default_factory=dict)
    model: ModelTable = ModelTable()
    tokenizer: TokenizerTable = TokenizerTable()
    target_tokenizer: TokenizerTable | None = None
    data: DataTable = DataTable()
    optimiser: OptimiserTable = OptimiserTable()
    schedule: ScheduleTable = ScheduleTable()
    budget: BudgetTable
    train: TrainTable = TrainTable()
    transfer: TransferTable | None = None

    @model_validator(mode="after")
    def _begins_somewhere(self) -> "Recipe":
        if self.init == SCRATCH and not self.encoder:
            raise ValueError('"encoder" is missing')
        if self.init == SCRATCH and self.transfer is not None:
            raise ValueError("[transfer] is about weights that are taken over: say from where with init")
        return self

    def to_toml(self) -> str:
        """The recipe with every default written out; reading it back gives an equal recipe."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))


def read_recipe(
    path: Path, overrides: list[str] | None = None, *, corpus: dict[str, Any] | None = None
) -> Recipe:  # fmt: skip
    """The recipe in a TOML file, with `overrides` such as `budget.tokens=2e6` laid over it.

    `corpus` takes the place of the file's table of that name; its samples then go, since they belong to its own text.

    Raises:
        UsageError: the file is missing or no TOML, a key is unknown, or a value has a wrong type or range.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{path}: no such recipe{neighbours(path, path.parent.glob('*.toml'))}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as text ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    if corpus:
        content = {**content, "corpus": corpus, "samples": []}
    return checked_recipe(content, where=str(path), overrides=overrides)


def checked_recipe(content: dict[str, Any], *, where: str, overrides: list[str] | None = None) -> Recipe:
    """The recipe with this content, and with `overrides` laid over it.

    Raises:
        UsageError: a key is unknown, or a value has a wrong type or range; the message names `where` and the key.
    """
    for override in overrides or []:
        _lay_over(content, override)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{where}: {_explained(error)}") from None


def _lay_over(content: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    path = key.strip().split(".")
    if not equals or not all(path):
        raise UsageError(
            f'--set {override}: write key=value, for example --set budget.tokens=2e6 or --set encoder="gru*2"'
        )
    table = content
    for name in path[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise UsageError(f"--set {override}: {name} is a value, not a table")
    if path[:-1] == ["budget"]:
        # A budget is one number: the new dial takes the place of the old one.
        table.clear()
    try:
        table[path[-1]] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[path[-1]] = text.strip()


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    path = [str(step) for step in first["loc"]]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        return f'unknown key "{key}"{suggestion(path[-1], _legal_keys(path[:-1]))}'
    if first["type"] == "missing":
        return f'"{key}" is missing'
    message = first["msg"].removeprefix("Value error, ")
    problem = f"{message[0].lower()}{message[1:]}"
    if isinstance(first["input"], dict | BaseModel):
        return f"{key}: {problem}" if key else problem
    hint = (
        suggestion(first["input"], _quoted(problem))
        if first["type"] == "literal_error" and isinstance(first["input"], str)
        else ""
    )
    return f"{key} = {first['input']!r}: {problem.partition(' (')[0]}{hint.partition(' (')[0]}"


def _quoted(message: str) -> list[str]:
    return message.split("'")[1::2]


def _legal_keys(path: list[str]) -> list[str]:
    table: type[BaseModel] = Recipe
    for name in path:
        annotation = table.model_fields[name].annotation
        # A table that may be left out is declared as `Table | None`.
        table = next(kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type))
    return list(table.model_fields)
