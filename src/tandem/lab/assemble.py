"""From a recipe to its parts, checked before anything slow starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from tandem.core import parts
from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.core.seeds import derive
from tandem.data.store import Store, prepare
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.tasks.base import Task
from tandem.text.corpora.base import Corpus
from tandem.text.tokenizer import Tokenizer, train_tokenizer

CORPORA, OBJECTIVES, TASKS = "tandem.text.corpora", "tandem.objectives", "tandem.tasks"
LARGEST = 2**24


@dataclass(frozen=True)
class Assembly:
    """What a run works with."""

    recipe: Recipe
    store: Store
    objective: Objective
    model: Model


def assemble(recipe: Recipe, *, say: Callable[[str], None] = lambda _: None) -> Assembly:
    """Checks the recipe, prepares its corpus where that is not done yet, and builds the model with its first weights.

    Raises:
        UsageError: the recipe is wrong. DataError: the corpus is missing or empty. ResourceError: the disk is full.
    """
    check(recipe)
    store = prepared(recipe, say=say)
    objective = build_objective(recipe, store.tokenizer)
    return Assembly(recipe, store, objective, build_model(recipe, objective))


def prepared(recipe: Recipe, *, say: Callable[[str], None] = lambda _: None) -> Store:
    """The store of the recipe's corpus under its tokenizer, built where it is not there yet.

    Raises:
        UsageError: corpus or tokenizer are wrong. DataError: the corpus is missing or empty. ResourceError: the disk is
            full.
    """
    corpus, name, options = _corpus(recipe)
    return prepare(corpus, name, options=options, kind=recipe.tokenizer.kind, size=recipe.tokenizer.size, say=say)


def check(recipe: Recipe) -> Model:
    """Builds every part of `recipe` that needs no text; returns a model for a vocabulary of the full size.

    The model has shapes and no numbers, so that the largest takes no memory and no time.

    Raises:
        UsageError: a part does not exist or refuses its options. DataError: the corpus is not there.
    """
    if recipe.data.length < 2:
        raise UsageError(f"data.length = {recipe.data.length}: a sequence needs at least 2 tokens")
    sizes = {
        "model.width": recipe.model.width,
        "model.feedforward": recipe.model.feedforward or 0,
        "tokenizer.size": recipe.tokenizer.size,
        "data.length": recipe.data.length,
    }
    for name, size in sizes.items():
        if size > LARGEST:
            raise UsageError(f"{name} = {size}: at most {LARGEST}")
    _corpus(recipe)
    stand_in = build_objective(recipe, train_tokenizer(["a"], kind="char", size=8))
    with torch.device("meta"):
        return build_model(recipe, stand_in, vocabulary=recipe.tokenizer.size)


def task_of(recipe: Recipe) -> Task:
    """The task that `recipe` names."""
    return parts.load_value(TASKS, recipe.task, Task, where="task")


def build_objective(recipe: Recipe, tokenizer: Tokenizer) -> Objective:
    """The objective of the recipe's task, with the options under `[objective]`."""
    part = parts.load_class(OBJECTIVES, task_of(recipe).objective, Objective)  # type: ignore[type-abstract]
    return part(tokenizer, **parts.checked_options(part, recipe.objective, where="objective"))


def build_model(recipe: Recipe, objective: Objective, *, vocabulary: int | None = None) -> Model:
    """The model of the recipe, initialised as a function of its seed."""
    table = recipe.model
    torch.manual_seed(derive(recipe.seed, "weights"))
    encoder = Encoder(
        parse(recipe.encoder),
        vocabulary=vocabulary or objective.tokenizer.size,
        width=table.width,
        sees=objective.sees,
        max_length=recipe.data.length,
        positions=table.positions,
        merge=table.merge,
        block=table.block,
        feedforward=table.feedforward,
        activation=table.activation,
        epsilon=table.epsilon,
        dropout=table.dropout,
    )
    return Model(encoder, objective.head(encoder.embedding, epsilon=table.epsilon))


def _corpus(recipe: Recipe) -> tuple[Corpus, str, dict[str, Any]]:
    options = dict(recipe.corpus)
    if "path" in options and "name" not in options:
        raise UsageError('corpus.path is an option of your own text: set corpus.name = "file" too')
    name = options.pop("name", task_of(recipe).corpus)
    part = parts.load_class(CORPORA, str(name), Corpus, where="corpus.name")  # type: ignore[type-abstract]
    checked = parts.checked_options(part, options, where="corpus")
    return part(**checked), str(name), checked
