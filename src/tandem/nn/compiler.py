"""From the tree of an expression to modules."""

from collections.abc import Callable
from typing import get_args

from torch import nn

from tandem.core import parts
from tandem.core.choices import BlockStyle, Merge, PositionKind, Sees
from tandem.core.errors import UsageError, unknown
from tandem.nn.block import Block
from tandem.nn.chain import Chain, Norm
from tandem.nn.layout import Atom, Node, Parallel, Repeat, Series, Value, atoms
from tandem.nn.merge import Parallel as ParallelModule
from tandem.nn.mixers.base import Mixer
from tandem.nn.positions import RELATIVE, Positions, check_kind

MIXERS = "tandem.nn.mixers"
POSITIONS, NORM, PRETRAINED = "positions", "norm", "hf"
HOUSE_OPTIONS: dict[str, tuple[str, ...]] = {"block": get_args(BlockStyle), "sees": get_args(Sees)}


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


class Compiler:
    """Turns trees into modules; `relative` is the position scheme that attention finds itself under.

    The atoms `positions` and `norm` are no layers of their own: the one adds a vector to each position, the other is a
    layer norm, which a branch that ends in a `pre` block has at its end anyway.
    """

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
            case Atom(name="norm"):
                return [self.norm(node)], relative
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

    def norm(self, atom: Atom) -> Norm:
        if atom.options:
            raise UsageError(f"encoder, position {atom.at + 1}: norm takes no option, not {atom.options[0][0]}")
        return Norm(self.width, eps=self.epsilon)

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
    if atom.name == PRETRAINED:
        raise UsageError(
            f"encoder, position {atom.at + 1}: {PRETRAINED} is the body of a pretrained model; say which with "
            'init = "hf:NAME" or init = "hf:FOLDER"'
        )
    legal = [*parts.names(MIXERS), POSITIONS, NORM]
    if atom.name not in legal:
        raise unknown("mixer", atom.name, legal, f"encoder, position {atom.at + 1}")
    return parts.load_class(MIXERS, atom.name, Mixer)  # type: ignore[type-abstract]
