"""An encoder inside a larger one: where its parts stand in the larger expression, and how they are called there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tandem.nn.layout import Atom, Node, Parallel, Repeat, Series

NORM = Atom("norm")


@dataclass(frozen=True)
class Graft:
    """The larger expression `tree`, and the place of the smaller one in it.

    The smaller one is a chain of `stem` steps and of what goes into the chain called `path`, which is the body of the
    larger one ("") or one of its branches. `followed` says whether something comes behind it there.
    """

    tree: Node
    stem: int = 0
    path: str = ""
    followed: bool = False

    def renamed(self, name: str, *, steps: int) -> str:
        """What a parameter of the smaller body, which has so many `steps`, is called in the larger body."""
        kind, _, rest = name.partition(".")
        if kind == "norm":
            return f"{self.path}steps.{steps - self._before}.{rest}" if self.followed else f"{self.path}{name}"
        number, _, rest = rest.partition(".")
        return name if int(number) < self._before else f"{self.path}steps.{int(number) - self._before}.{rest}"

    @property
    def _before(self) -> int:
        """How many steps of the smaller body stay in front of the branch that it becomes."""
        return self.stem if self.path else 0


def grafted(
    tree: Node, inner: Node, *, spellings: Sequence[Node], stem: tuple[Node, ...] = (), normed: bool = False
) -> Graft | None:
    """Where `tree` holds one of `spellings`, which `inner` replaces; None where it holds none.

    It must be equal to it, begin with it, or have a branch at its beginning that does. `stem` stands in front of
    everything, written or not. Where `inner` is `normed` at its end and something comes behind it, that norm becomes a
    part of the expression, so that what comes behind reads what `inner` gives.
    """
    parts = series_of(tree)
    if parts[: len(stem)] == stem:
        parts = parts[len(stem) :]
    for spelling in spellings:
        if found := _placed(parts, series_of(spelling), inner, first=len(stem), normed=normed):
            return replace(found, tree=joined(*stem, found.tree), stem=len(stem))
    return None


def _placed(
    parts: tuple[Node, ...], spelling: tuple[Node, ...], inner: Node, *, first: int, normed: bool
) -> Graft | None:
    if parts[: len(spelling)] == spelling:
        behind = parts[len(spelling) :]
        if behind and normed and behind[0] != NORM:
            behind = (NORM, *behind)
        return Graft(joined(inner, *behind), followed=bool(behind))
    group = parts[0] if parts else None
    if isinstance(group, Parallel):
        for number, branch in enumerate(group.branches):
            if found := _placed(series_of(branch), spelling, inner, first=0, normed=normed):
                branches = (*group.branches[:number], found.tree, *group.branches[number + 1 :])
                path = f"steps.{first}.branches.{number}.{found.path}"
                return Graft(joined(Parallel(branches, group.merge), *parts[1:]), path=path, followed=found.followed)
    return None


def series_of(node: Node) -> tuple[Node, ...]:
    """The parts of a series, those of a series inside it among them; anything else is its own only part."""
    return tuple(part for child in node.parts for part in series_of(child)) if isinstance(node, Series) else (node,)


def joined(*nodes: Node) -> Node:
    """`nodes` one after the other, as one series."""
    parts = tuple(part for node in nodes for part in series_of(node))
    return parts[0] if len(parts) == 1 else Series(parts)


def rewritten(node: Node, change: Callable[[Atom], Node]) -> Node:
    """`node` with every atom as `change` gives it back."""
    match node:
        case Atom():
            return change(node)
        case Repeat():
            part = rewritten(node.part, change)
            once, times = (part.part, part.count) if isinstance(part, Repeat) else (part, 1)
            return Repeat(once, times * node.count)
        case Series():
            return Series(tuple(rewritten(part, change) for part in node.parts))
        case Parallel():
            return Parallel(tuple(rewritten(branch, change) for branch in node.branches), node.merge)
