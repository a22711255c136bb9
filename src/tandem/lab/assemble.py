"""From a recipe to its parts, checked before anything slow starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from tandem.core import parts
from tandem.core.choices import CorpusKind
from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.core.seeds import derive
from tandem.core.tables import TransferTable
from tandem.data.store import Store, prepare
from tandem.lab.corpora import open_corpus, task_of
from tandem.lab.initial import Initial
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.mixers.base import Mixer
from tandem.nn.model import Model
from tandem.nn.positions import Positions
from tandem.nn.torch_compile import check_compiler, compile_training
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer, train_tokenizer
from tandem.train.rates import rates_of

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
    """What a run works with; `rates` are shares of the recipe's learning rate, of parameters that have another."""

    recipe: Recipe
    store: Store
    objective: Objective
    model: Model
    rates: dict[str, float] = field(default_factory=dict)


def assemble(
    recipe: Recipe, *, initial: Initial | None = None, say: Callable[[str], None] = lambda _: None
) -> Assembly:
    """Checks the recipe, prepares its corpus where that is not done yet, and builds the model with its first weights.

    Some of these may be `initial` ones; the recipe is then theirs.

    Raises:
        UsageError: the recipe is wrong. DataError: the corpus is missing or empty. ResourceError: the disk is full, or
            torch cannot compile here. ArtifactError: initial weights do not fit.
    """
    check(recipe)
    check_compiler(recipe.train.compile, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    store = prepared(recipe, tokenizer=initial.tokenizer if initial else None, say=say)
    objective = build_objective(recipe, store.tokenizer, store.labels, store.target_tokenizer)
    model = build_model(recipe, objective)
    objective.settle(model.head, store)
    compile_training(model.encoder, recipe.train.compile)
    if initial is None:
        return Assembly(recipe, store, objective, model)
    initial.give(model)
    transfer = recipe.transfer or TransferTable()
    if transfer.freeze:
        model.freeze(initial.weights)
        if not any(weight.requires_grad for weight in model.parameters()):
            raise UsageError(
                f"transfer.freeze = true: the head of task {recipe.task} has no weights here, and nothing is left to "
                "train; leave freeze out, or write a layer behind the encoder"
            )
    rates = rates_of(model, initial.weights, layer_decay=transfer.layer_decay, head_rate=transfer.head_rate)
    return Assembly(recipe, store, objective, model, rates)


def prepared(
    recipe: Recipe,
    *,
    tokenizer: Tokenizer | None = None,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Store:
    """The store of the recipe's corpus under its tokenizer, or a given one, built where it is not there yet.

    Raises:
        UsageError: corpus or tokenizer are wrong. DataError: the corpus is missing or empty. ResourceError: the disk is
            full.
    """
    opened = open_corpus(recipe)
    target = None if recipe.target_tokenizer is None else recipe.target_tokenizer.model_dump()
    return prepare(
        opened.corpus, opened.name, options=opened.options, tokenizer=tokenizer or recipe.tokenizer.model_dump(),
        target_tokenizer=target, say=say, progress=progress,
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
        "model.segments": recipe.model.segments,
        "tokenizer.size": recipe.tokenizer.size,
        "target_tokenizer.size": 0 if recipe.target_tokenizer is None else recipe.target_tokenizer.size,
        "data.length": recipe.data.length,
    }
    for name, size in sizes.items():
        if size > LARGEST:
            raise UsageError(f"{name} = {size}: at most {LARGEST}")
    opened = open_corpus(recipe)
    stand_in = stand_in_objective(recipe)
    kind = opened.corpus.kind
    if kind not in stand_in.kinds:
        raise UsageError(
            f"task {recipe.task} cannot learn from the corpus {opened.name}, which holds {HOLDS[kind]}; it needs "
            + " or ".join(HOLDS[kind] for kind in stand_in.kinds)
        )
    if recipe.model.both_ways and not stand_in.both_ways and stand_in.asks in ("masks", "next", "translation"):
        raise UsageError(
            f"model.both_ways = true: hidden states then have two halves, and task {recipe.task} tells tokens from one"
        )
    with torch.device("meta"):
        model = build_model(recipe, stand_in, vocabulary=recipe.tokenizer.size)
    if stand_in.carry:
        if recipe.train.compile != "none":
            raise UsageError(
                f'objective.carry: a carried state is not compiled; leave out train.compile = "{recipe.train.compile}"'
            )
        if recipe.train.adversarial:
            raise UsageError("objective.carry: a carried state is read once; leave out train.adversarial")
        _check_carry(model)
    return model


def stand_in_objective(recipe: Recipe) -> Objective:
    """The recipe's objective, with tokenizers of its kinds that have read nothing yet, and two classes.

    Raises:
        UsageError: a part does not exist, or refuses its options or its size.
    """
    tables = (recipe.tokenizer, recipe.target_tokenizer)
    reader, target = (None if table is None else train_tokenizer(["a"], **table.model_dump()) for table in tables)
    assert reader is not None
    return build_objective(recipe, reader, STAND_IN_LABELS, target)


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


def build_objective(
    recipe: Recipe, tokenizer: Tokenizer, labels: tuple[str, ...], target_tokenizer: Tokenizer | None = None
) -> Objective:
    """The objective of the recipe's task for these classes or tags, with the options under `[objective]`.

    Raises:
        UsageError: an option is wrong, or there is a tokenizer of translations and the task has none.
    """
    part = objective_of(recipe)
    if target_tokenizer is None:
        texts: tuple[Any, ...] = (tokenizer, labels)
    elif part.asks == "translation":
        texts = (tokenizer, labels, target_tokenizer)
    else:
        raise UsageError(f"target_tokenizer: task {recipe.task} reads all texts by one tokenizer; leave it out")
    return part(*texts, **parts.checked_options(part, recipe.objective, where="objective"))


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
        embedding_dropout=table.embedding_dropout,
        segments=max(objective.segments, table.segments),
        both_ways=objective.both_ways or table.both_ways,
    )
    for mixer in encoder.flexible if objective.usually else []:
        mixer.sees = objective.usually or mixer.sees
    return Model(encoder, objective.head_for(encoder, epsilon=table.epsilon))
