"""What a recipe becomes when it begins with an encoder that has learnt elsewhere, and the weights it begins with."""

import re
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tandem.core.choices import Sees
from tandem.core.config import Recipe
from tandem.core.errors import ArtifactError, UsageError
from tandem.core.parts import options
from tandem.core.tables import ModelTable, Table, TokenizerTable
from tandem.nn.compiler import NORM, POSITIONS, PRETRAINED, with_default_positions
from tandem.nn.graft import Graft, grafted, joined, rewritten
from tandem.nn.layout import Atom, Node, atoms, parse
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer

IN_BODY = re.compile(r"body\.(ahead\.|behind\.)?(.+)")


@dataclass(frozen=True)
class Source:
    """An encoder to take over: its expression `stem > inner`, its sizes, its tokenizer, its weights by their names.

    `free` are the keys of `[model]` that a recipe may set otherwise. What is `framed` has learnt from texts between
    [CLS] and [SEP]. Its outermost chain has so many `steps` and, where it is `normed`, a norm at its end.
    """

    name: str
    stem: tuple[Node, ...]
    inner: Node
    model: ModelTable
    free: frozenset[str]
    tokenizer_table: TokenizerTable
    tokenizer: Tokenizer
    framed: bool
    sees: Sees
    steps: int
    normed: bool
    weights: dict[str, Tensor]


@dataclass(frozen=True)
class Initial:
    """The recipe with all that is taken over written out, its tokenizer, and `weights` by their names in its model."""

    recipe: Recipe
    tokenizer: Tokenizer
    weights: dict[str, Tensor]

    @torch.no_grad()
    def give(self, model: Model) -> None:
        """Puts the weights into `model`.

        Raises:
            ArtifactError: one of them does not fit.
        """
        own = dict(model.named_parameters())
        for name, tensor in self.weights.items():
            if name not in own or own[name].shape != tensor.shape:
                raise ArtifactError(f'init = "{self.recipe.init}": its {name} does not fit the encoder')
            own[name].copy_(tensor)


def taken_over(recipe: Recipe, source: Source, objective: type[Objective]) -> Initial:
    """What `recipe` becomes when it begins with `source`; what it becomes of that is the same again.

    The direction in which the source sees is written into the expression, and into the options whether it has learnt
    from framed texts, so that the new run does not need the old.

    Raises:
        UsageError: the recipe says something that the source contradicts, or the objective cannot use it.
    """
    _check_direction(recipe, source, objective)
    graft = _graft(recipe, source, objective)
    changes: dict[str, Any] = {
        "encoder": str(graft.tree),
        "model": _kept("model", recipe.model, source.model, source.free, source.name),
        "objective": _framed(recipe, source, objective),
        "tokenizer": _kept("tokenizer", recipe.tokenizer, source.tokenizer_table, frozenset(), source.name),
    }
    weights = {
        f"encoder.{_renamed(name, graft, source.steps)}": _cut(name, tensor, recipe, source)
        for name, tensor in source.weights.items()
    }
    return Initial(recipe.model_copy(update=changes), source.tokenizer, weights)


def _check_direction(recipe: Recipe, source: Source, objective: type[Objective]) -> None:
    where = f'init = "{source.name}"'
    if (source.sees, objective.sees) == ("both", "past"):
        raise UsageError(f"{where}: its encoder sees both sides; task {recipe.task} lets a position see the past only")
    if objective.both_ways and not source.model.both_ways:
        raise UsageError(f"{where}: its encoder reads a text from one end; task {recipe.task} reads it from both")
    if source.model.both_ways and not objective.both_ways and objective.asks in ("masks", "next"):
        raise UsageError(
            f"{where}: its encoder reads a text from both ends, so that its hidden states have two halves; task "
            f"{recipe.task} tells tokens from one"
        )


def _graft(recipe: Recipe, source: Source, objective: type[Objective]) -> Graft:
    own = Atom(PRETRAINED) if source.stem else source.inner
    written = parse(recipe.encoder) if recipe.encoder else own
    directed = _seeing_the_past(source.inner) if source.sees != objective.sees else source.inner
    placed = with_default_positions(directed, source.model.positions)
    # A branch in which positions are written gets no others, so those that the source has by default are written too.
    adds_positions = _count(written, POSITIONS) > _count(source.inner, POSITIONS)
    inner = placed if adds_positions else directed
    tree = written
    if source.stem and _count(written, PRETRAINED) == 1:
        tree = rewritten(written, lambda atom: source.inner if atom.name == PRETRAINED else atom)
    spellings = (source.inner, directed, placed)
    graft = grafted(tree, inner, spellings=spellings, stem=source.stem, normed=source.normed)
    if graft is None:
        raise UsageError(
            f'encoder = "{recipe.encoder}": init = "{source.name}" brings "{own}"; leave encoder out, or write that '
            f'alone, with more behind it ("{joined(own, Atom("lstm"))}") or as a branch ("{own} | lstm")'
        )
    return graft


def _framed(recipe: Recipe, source: Source, objective: type[Objective]) -> dict[str, Any]:
    """The options of the objective, with `framed` as the source has learnt where they say nothing of it."""
    if not source.framed or "framed" not in options(objective):
        return recipe.objective
    return {"framed": True, **recipe.objective}


def _count(node: Node, name: str) -> int:
    return sum(atom.name == name for atom in atoms(node))


def _seeing_the_past(node: Node) -> Node:
    """`node` with `sees=past` written at every mixer."""

    def change(atom: Atom) -> Atom:
        if atom.name in (POSITIONS, NORM) or "sees" in dict(atom.options):
            return atom
        return Atom(atom.name, (*atom.options, ("sees", "past")), atom.at)

    return rewritten(node, change)


def _kept(name: str, written: Table, brought: Table, free: frozenset[str], source: str) -> Table:
    """What the source brings, and of what the recipe writes the keys that are free."""
    for key in sorted(written.model_fields_set - free):
        value, own = getattr(written, key), getattr(brought, key)
        if value != own:
            raise UsageError(f'{name}.{key} = {value!r}: init = "{source}" brings {own!r}; leave the key out')
    return brought.model_copy(update={key: getattr(written, key) for key in written.model_fields_set & free})


def _renamed(name: str, graft: Graft, steps: int) -> str:
    inside = IN_BODY.fullmatch(name)
    return f"body.{inside[1] or ''}{graft.renamed(inside[2], steps=steps)}" if inside else name


def _cut(name: str, tensor: Tensor, recipe: Recipe, source: Source) -> Tensor:
    """Of a table of positions those that are read, of an embedding the tokens that there are."""
    if name.endswith(".table"):
        if recipe.data.length > len(tensor):
            raise UsageError(
                f'data.length = {recipe.data.length}: the learned positions of init = "{source.name}" end at '
                f"{len(tensor)}; set it to at most that"
            )
        return tensor[: recipe.data.length]
    return tensor[: source.tokenizer.size] if name == "embedding.weight" else tensor
