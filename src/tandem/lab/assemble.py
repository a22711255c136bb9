"""From a recipe to its parts, checked before anything slow starts."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from tandem.core import parts
from tandem.core.choices import CorpusKind
from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.core.seeds import derive
from tandem.data.store import Store, prepare
from tandem.lab.corpora import open_corpus, task_of
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.mixers.base import Mixer
from tandem.nn.model import Model
from tandem.nn.positions import Positions
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer, train_tokenizer

OBJECTIVES = "tandem.objectives"
LARGEST = 2**24
STAND_IN_LABELS = ("a", "b")
HOLDS: dict[CorpusKind, str] = {
    "text": "running text",
    "label": "texts with a class",
    "pair": "pairs of texts with a class",
    "score": "texts with a score",
    "tags": "words with tags",
    "translation": "texts with their translations",
    "contrast": "pairs of a good and a bad sentence",
}


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
    objective = build_objective(recipe, store.tokenizer, store.labels)
    model = build_model(recipe, objective)
    objective.settle(model.head, store)
    return Assembly(recipe, store, objective, model)


def prepared(
    recipe: Recipe,
    *,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Store:
    """The store of the recipe's corpus under its tokenizer, built where it is not there yet.

    Raises:
        UsageError: corpus or tokenizer are wrong. DataError: the corpus is missing or empty. ResourceError: the disk is
            full.
    """
    opened = open_corpus(recipe)
    return prepare(
        opened.corpus, opened.name, options=opened.options, tokenizer=recipe.tokenizer.model_dump(), say=say,
        progress=progress,
    )  # fmt: skip


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
    opened = open_corpus(recipe)
    stand_in = build_objective(recipe, stand_in_tokenizer(recipe), STAND_IN_LABELS)
    kind = opened.corpus.kind
    if kind not in stand_in.kinds:
        raise UsageError(
            f"task {recipe.task} cannot learn from the corpus {opened.name}, which holds {HOLDS[kind]}; it needs "
            + " or ".join(HOLDS[kind] for kind in stand_in.kinds)
        )
    with torch.device("meta"):
        model = build_model(recipe, stand_in, vocabulary=recipe.tokenizer.size)
    if stand_in.carry:
        _check_carry(model)
    return model


def stand_in_tokenizer(recipe: Recipe) -> Tokenizer:
    """A tokenizer of the recipe's kind that has read nothing yet.

    Raises:
        UsageError: the kind refuses its size.
    """
    return train_tokenizer(["a"], **recipe.tokenizer.model_dump())


def _check_carry(model: Model) -> None:
    for module in model.modules():
        if isinstance(module, Positions) and module.table is not None:
            raise UsageError(f"objective.carry: positions of kind {module.kind} end; a carried state does not")
        if isinstance(module, Mixer) and module.state_bytes(LARGEST) > module.state_bytes(LARGEST // 2):
            name = type(module).__name__.lower()
            raise UsageError(f"objective.carry: the state of {name} grows with the text; write {name}[window=64], say")


def objective_of(recipe: Recipe) -> type[Objective]:
    """The kind of objective that the recipe's task has."""
    return parts.load_class(OBJECTIVES, task_of(recipe).objective, Objective)  # type: ignore[type-abstract]


def build_objective(recipe: Recipe, tokenizer: Tokenizer, labels: tuple[str, ...]) -> Objective:
    """The objective of the recipe's task for these classes or tags, with the options under `[objective]`."""
    part = objective_of(recipe)
    return part(tokenizer, labels, **parts.checked_options(part, recipe.objective, where="objective"))


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
        segments=objective.segments,
        both_ways=objective.both_ways,
    )
    for mixer in encoder.flexible if objective.usually else []:
        mixer.sees = objective.usually or mixer.sees
    return Model(encoder, objective.head_for(encoder, epsilon=table.epsilon))
