"""An expression compiled into a module: embedding, then the tree of blocks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, get_args

import torch
from torch import nn

from tandem.core import parts
from tandem.core.choices import Activation, BlockStyle, Merge, PositionKind, Sees
from tandem.core.errors import UsageError, unknown
from tandem.core.shapes import Hidden, TokenIds, TokenMask
from tandem.nn.block import Block
from tandem.nn.both_ways import BothWays
from tandem.nn.layout import Atom, Node, Parallel, Repeat, Series, Value, atoms
from tandem.nn.merge import Parallel as ParallelModule
from tandem.nn.mixers.base import Mixer
from tandem.nn.positions import RELATIVE, Positions, check_kind

MIXERS = "tandem.nn.mixers"
POSITIONS = "positions"
HOUSE_OPTIONS: dict[str, tuple[str, ...]] = {"block": get_args(BlockStyle), "sees": get_args(Sees)}


class Chain(nn.Module):
    """Modules one after the other, then a norm where the last block leaves an unnormed residual stream."""

    def __init__(self, steps: list[nn.Module], *, norm: nn.LayerNorm | None) -> None:
        super().__init__()
        self.steps, self.norm = nn.ModuleList(steps), norm

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        """Hidden states (B, T, D) to hidden states (B, T, D)."""
        for step in self.steps:
            hidden = step(hidden, mask)
        return hidden if self.norm is None else self.norm(hidden)

    def start(self, batch: int) -> tuple[Any, ...]:
        """The states of all steps before the first token of `batch` sequences."""
        return tuple(step.start(batch) for step in self.steps)  # type: ignore[operator]

    def extend(self, state: tuple[Any, ...], hidden: Hidden) -> tuple[tuple[Any, ...], Hidden]:
        """The next tokens (B, T, D): the states after them and their outputs (B, T, D)."""
        states = []
        for step, before in zip(self.steps, state, strict=True):
            after, hidden = step.extend(before, hidden)  # type: ignore[operator]
            states.append(after)
        return tuple(states), hidden if self.norm is None else self.norm(hidden)

    def flops(self, length: int) -> int:
        """Of all its steps."""
        return sum(step.flops(length) for step in self.steps)  # type: ignore[operator]


class Encoder(nn.Module):
    """Token ids (B, T) and their mask to hidden states (B, T, D), as an expression says.

    `positions`, `merge` and `block` hold where the expression writes none; `block` None leaves each mixer its own.
    A branch that begins with attention gets `positions` in front: for a repeated group, in front of its first turn.
    A branch with a written `positions` anywhere gets no other. `segments` is how many kinds of text a sequence may
    hold, each with a vector of its own that is added to its tokens' (Devlin et al. 2019).

    With `both_ways` a second body of the same expression, with its own weights, reads each text from its end, and the
    hidden states have 2D units: what the one body says, then what the other says.

    Raises:
        UsageError: an unknown mixer or option, or a width that a mixer cannot have.
    """

    def __init__(
        self,
        layout: Node,
        *,
        vocabulary: int,
        width: int,
        sees: Sees,
        max_length: int,
        positions: PositionKind = "none",
        merge: Merge = "sum",
        block: BlockStyle | None = None,
        feedforward: int | None = None,
        activation: Activation = "gelu",
        epsilon: float = 1e-5,
        dropout: float = 0.0,
        segments: int = 0,
        both_ways: bool = False,
    ) -> None:
        super().__init__()
        self.width, self.layout = 2 * width if both_ways else width, layout
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.segments = nn.Embedding(segments, width) if segments else None
        if self.segments is not None:
            nn.init.normal_(self.segments.weight, std=0.02)
        make = partial(
            Block,
            width=width,
            feedforward=feedforward or 4 * width,
            activation=activation,
            epsilon=epsilon,
            dropout=dropout,
        )
        compiler = _Compiler(
            make, width=width, sees=sees, max_length=max_length, merge=merge, block=block, epsilon=epsilon
        )
        tree = with_default_positions(layout, positions)
        self.body = BothWays(compiler.chain(tree), compiler.chain(tree)) if both_ways else compiler.chain(tree)
        self.flexible = [part for part in self.modules() if isinstance(part, Mixer) and part.sees == "both"]

    def forward(self, ids: TokenIds, mask: TokenMask, segments: TokenIds | None = None) -> Hidden:
        """The hidden states of the last layer, (B, T, D); what stands at padded positions has no meaning.

        `segments` (B, T) numbers the text that a token belongs to; where it is absent, all belong to the first.
        """
        output: Hidden = self.body(self.embedded(ids, segments), mask)
        return output

    @contextmanager
    def seeing(self, sees: Sees) -> Iterator[None]:
        """While this lasts, mixers that were built to see both sides see as `sees` says.

        So one set of weights can be a masked and a causal model (Dong et al. 2019, UniLM).
        """
        before = [(mixer, mixer.sees) for mixer in self.flexible]
        for mixer in self.flexible:
            mixer.sees = sees
        try:
            yield
        finally:
            for mixer, seen in before:
                mixer.sees = seen

    def start(self, batch: int) -> tuple[Any, ...]:
        """The state before the first token of `batch` sequences; only where every mixer sees the past.

        A state is nested tuples of tensors, each of which begins with the batch.
        """
        return self.body.start(batch)

    def extend(self, state: tuple[Any, ...], ids: TokenIds) -> tuple[tuple[Any, ...], Hidden]:
        """The next T tokens (B, T) of each sequence: the state after them and their hidden states (B, T, D)."""
        return self.body.extend(state, self.embedded(ids))

    def embedded(self, ids: TokenIds, segments: TokenIds | None = None) -> Hidden:
        """What the body reads, (B, T, D): the vectors of the tokens, with those of their segments added."""
        vectors: Hidden = self.embedding(ids)
        if self.segments is None:
            return vectors
        kinds: Hidden = self.segments(torch.zeros_like(ids) if segments is None else segments)
        return vectors + kinds

    def flops(self, length: int) -> int:
        """Of one forward pass over one sequence; looking up an embedding costs none."""
        return self.body.flops(length)


def with_default_positions(node: Node, kind: PositionKind) -> Node:
    """`node` with `positions[kind=…]` in front of every branch that begins with attention and has none written."""
    if isinstance(node, Parallel):
        return Parallel(tuple(with_default_positions(branch, kind) for branch in node.branches), node.merge)
    if kind == "none" or any(atom.name == POSITIONS for atom in atoms(node)):
        return node
    steps = node.parts if isinstance(node, Series) else (node,)
    if isinstance(steps[0], Parallel | Series):
        return Series((with_default_positions(steps[0], kind), *steps[1:]))
    if _begins_with_attention(steps[0]):
        return Series((Atom(POSITIONS, (("kind", kind),)), *steps))
    return node


def _begins_with_attention(node: Node) -> bool:
    match node:
        case Atom():
            return node.name == "attention"
        case Repeat():
            return _begins_with_attention(node.part)
        case Series():
            return _begins_with_attention(node.parts[0])
        case Parallel():
            return any(map(_begins_with_attention, node.branches))


class _Compiler:
    """Turns trees into modules; `relative` is the position scheme that attention finds itself under."""

    def __init__(
        self,
        make: Callable[..., Block],
        *,
        width: int,
        sees: Sees,
        max_length: int,
        merge: Merge,
        block: BlockStyle | None,
        epsilon: float,
    ) -> None:
        self.make, self.width, self.sees, self.max_length = make, width, sees, max_length
        self.merge, self.block, self.epsilon = merge, block, epsilon

    def chain(self, node: Node, relative: str = "none") -> Chain:
        steps, _ = self.steps(node, relative)
        # A branch that only names a scheme of positions has no step and passes its input on.
        last = steps[-1] if steps else None
        ends_in_pre = isinstance(last, Block) and last.style == "pre"
        return Chain(steps, norm=nn.LayerNorm(self.width, eps=self.epsilon) if ends_in_pre else None)

    def steps(self, node: Node, relative: str) -> tuple[list[nn.Module], str]:
        match node:
            case Atom(name="positions"):
                return self.positions(node, relative)
            case Atom():
                return [self.mixer(node, relative)], relative
            case Parallel():
                branches: list[nn.Module] = [self.chain(branch, relative) for branch in node.branches]
                merge: Merge = node.merge or self.merge  # type: ignore[assignment]
                return [ParallelModule(branches, self.width, merge=merge)], relative
            case Repeat():
                children: tuple[Node, ...] = (node.part,) * node.count
            case Series():
                children = node.parts
        found: list[nn.Module] = []
        for child in children:
            more, relative = self.steps(child, relative)
            found += more
        return found, relative

    def positions(self, atom: Atom, relative: str) -> tuple[list[nn.Module], str]:
        written = dict(atom.options)
        if set(written) != {"kind"}:
            raise UsageError(
                f"encoder, position {atom.at + 1}: positions takes the option kind, as in positions[kind=sinusoid]"
            )
        kind = check_kind(
            "none" if written["kind"] is None else written["kind"], where=f"encoder, position {atom.at + 1}"
        )
        if kind == "none":
            return [], "none"
        return (
            ([], kind)
            if kind in RELATIVE
            else ([Positions(self.width, kind=kind, max_length=self.max_length)], relative)
        )

    def mixer(self, atom: Atom, relative: str) -> Block:
        where = f"encoder, position {atom.at + 1}: {atom.name}"
        part = mixer_class(atom)
        written: dict[str, Value] = dict(atom.options)
        legal = [*parts.options(part), *HOUSE_OPTIONS]
        for name in written:
            if name not in legal:
                raise unknown("option", name, legal, where)
        house = {name: written.pop(name) for name in HOUSE_OPTIONS if name in written}
        for name, value in house.items():
            if value not in HOUSE_OPTIONS[name]:
                raise unknown(f"value of {name}", str(value), HOUSE_OPTIONS[name], where)
        if (house.get("sees"), self.sees) == ("both", "past"):
            raise UsageError(f"{where}: sees = both: this objective lets a position see the past only")
        if "relative" in parts.options(part) and "relative" not in written:
            written["relative"] = relative
        # Inside an expression `none` is a word of the language and also the name of a scheme.
        if written.get("relative", "") is None:
            written["relative"] = "none"
        options = parts.checked_options(part, written, where=where)
        mixer = part(self.width, house.get("sees", self.sees), **options)
        return self.make(mixer, style=house.get("block") or self.block or part.style)


def mixer_class(atom: Atom) -> type[Mixer]:
    """The mixer that `atom` names.

    Raises:
        UsageError: there is none; the message names the nearest one.
    """
    legal = [*parts.names(MIXERS), POSITIONS]
    if atom.name not in legal:
        raise unknown("mixer", atom.name, legal, f"encoder, position {atom.at + 1}")
    return parts.load_class(MIXERS, atom.name, Mixer)  # type: ignore[type-abstract]
