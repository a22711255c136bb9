"""A recipe: everything that decides a run, read from TOML, strictly."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tandem.core.choices import (
    Activation,
    BlockStyle,
    Decay,
    Merge,
    OptimiserName,
    Pack,
    PositionKind,
    Precision,
    TokenizerKind,
)
from tandem.core.errors import UsageError, suggestion


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, BeforeValidator(_whole), Field(ge=1)]
"""A positive whole number; TOML's 2e6 counts as one."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Table(BaseModel):
    """A table of a recipe: unknown keys and wrong types are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ModelTable(Table):
    """`[model]`: sizes, and what holds where the encoder expression writes nothing."""

    width: Count = 128
    positions: PositionKind = "rotary"
    merge: Merge = "sum"
    block: BlockStyle | None = None
    feedforward: Count | None = None
    activation: Activation = "gelu"
    epsilon: Positive = 1e-5
    dropout: Share = 0.1


class TokenizerTable(Table):
    """`[tokenizer]`: the kind, and how many ids it may have.

    `cased` keeps capitals and accents where the kind would drop them. With `byte_fallback` nothing is unknown.
    `boundaries` gives `words` the tokens [CLS] and [SEP], which the other kinds always have.
    """

    kind: TokenizerKind = "wordpiece"
    size: Count = 4000
    cased: bool = False
    byte_fallback: bool = False
    boundaries: bool = False


class DataTable(Table):
    """`[data]`: how running text is cut into sequences of at most `length` tokens."""

    pack: Pack = "windows"
    length: Count = 64


class OptimiserTable(Table):
    """`[optimiser]`: `clip` bounds the norm of the gradient; `momentum` is Muon's."""

    name: OptimiserName = "adamw"
    learning_rate: Positive = 1e-3
    weight_decay: NotNegative = 0.01
    betas: tuple[Share, Share] = (0.9, 0.98)
    epsilon: Positive = 1e-8
    momentum: Share = 0.95
    clip: Positive = 1.0

    @model_validator(mode="before")
    @classmethod
    def _betas_are_a_pair(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("betas"), list):
            return {**values, "betas": tuple(values["betas"])}
        return values


class ScheduleTable(Table):
    """`[schedule]`: the learning rate as a function of the share of the budget that is spent."""

    warmup: Share = 0.05
    decay: Decay = "linear"
    floor: Share = 0.0


class BudgetTable(Table):
    """`[budget]`: exactly one of optimiser steps, tokens read, training FLOPs or seconds of training."""

    steps: Count | None = None
    tokens: Count | None = None
    flops: Positive | None = None
    seconds: Positive | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "BudgetTable":
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of steps, tokens, flops and seconds is needed")
        return self


class TrainTable(Table):
    """`[train]`: batches, precision, and how often to look and to save.

    A batch holds `batch_tokens` positions. Evaluation comes every `evaluate_every` of the budget, on
    `evaluate_tokens` tokens of the validation split. A checkpoint comes every `checkpoint_seconds`.
    """

    batch_tokens: Count = 4096
    precision: Precision = "auto"
    evaluate_every: Annotated[float, Field(gt=0, le=1)] = 0.1
    evaluate_tokens: Count = 20_000
    checkpoint_seconds: NotNegative = 30.0


class Recipe(Table):
    """One experiment. `corpus` and `objective` hold the options of those parts, which check them."""

    encoder: str
    task: str = "mlm"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    samples: list[str] = []
    corpus: dict[str, Any] = {}
    objective: dict[str, Any] = {}
    model: ModelTable = ModelTable()
    tokenizer: TokenizerTable = TokenizerTable()
    data: DataTable = DataTable()
    optimiser: OptimiserTable = OptimiserTable()
    schedule: ScheduleTable = ScheduleTable()
    budget: BudgetTable
    train: TrainTable = TrainTable()

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
        raise UsageError(f"{path}: no such recipe{_neighbours(path)}") from None
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


def _neighbours(path: Path) -> str:
    there = sorted(str(recipe) for recipe in path.parent.glob("*.toml")) if path.parent.is_dir() else []
    return suggestion(str(path), there)


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
    if isinstance(first["input"], dict):
        return f"{key}: {problem}"
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
        assert isinstance(annotation, type)
        table = annotation
    return list(table.model_fields)
