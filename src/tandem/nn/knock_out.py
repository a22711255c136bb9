"""A trained encoder without one of its mechanisms: what the others can do alone."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from tandem.core.errors import unknown
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.block import Block
from tandem.nn.chain import Chain
from tandem.nn.merge import Parallel


class Silent(nn.Module):
    """Stands in for a branch that says nothing: zeros, which a sum leaves out."""

    def forward(self, hidden: Hidden, mask: TokenMask | None = None) -> Hidden:  # noqa: ARG002
        """Zeros (B, T, D)."""
        return torch.zeros_like(hidden)

    def start(self, batch: int) -> tuple[()]:  # noqa: ARG002
        """Nothing is remembered."""
        return ()

    def extend(self, state: tuple[()], hidden: Hidden) -> tuple[tuple[()], Hidden]:
        """Zeros for the next tokens (B, T, D)."""
        return state, self(hidden)

    def flops(self, length: int) -> int:  # noqa: ARG002
        """None."""
        return 0


class Passing(Silent):
    """Stands in for a block of a series: what came in goes out, as over a residual connection."""

    def forward(self, hidden: Hidden, mask: TokenMask | None = None) -> Hidden:  # noqa: ARG002
        """The same hidden states (B, T, D)."""
        return hidden


def mechanisms(encoder: nn.Module) -> list[str]:
    """The names of the mixers in `encoder`, as an expression writes them, in order."""
    return list(dict.fromkeys(_name(block) for block in encoder.modules() if isinstance(block, Block)))


@contextmanager
def without(encoder: nn.Module, names: Collection[str]) -> Iterator[None]:
    """While this lasts, the mixers called `names` do nothing in `encoder`.

    A branch whose mixers are all among them gives zeros: a sum goes on without it, a gate or a linear layer that merges
    branches reads zeros in its place. Elsewhere, each block of theirs lets pass what comes in, norms and feed-forward
    network included.

    Raises:
        UsageError: no mixer of that name is in the encoder; the message names the ones that are.
    """
    there = mechanisms(encoder)
    for name in names:
        if name not in there:
            raise unknown("mixer", name, there, "without")
    places = list(_places(encoder, set(names)))
    try:
        for container, number, _, stand_in in places:
            container[number] = stand_in
        yield
    finally:
        for container, number, module, _ in places:
            container[number] = module


def _places(module: nn.Module, names: set[str]) -> Iterator[tuple[nn.ModuleList, int, nn.Module, nn.Module]]:
    """What is replaced: where it stands, itself, and what takes its place; nothing inside a silent branch."""
    children = list(module.children())
    if isinstance(module, Parallel):
        silent = [(number, branch) for number, branch in enumerate(module.branches) if _all_named(branch, names)]
        yield from ((module.branches, number, branch, Silent()) for number, branch in silent)
        children = [branch for branch in module.branches if not _all_named(branch, names)]
    elif isinstance(module, Chain):
        for number, step in enumerate(module.steps):
            if isinstance(step, Block) and _name(step) in names:
                yield module.steps, number, step, Passing()
        children = list(module.steps)
    for child in children:
        yield from _places(child, names)


def _all_named(branch: nn.Module, names: set[str]) -> bool:
    found = mechanisms(branch)
    return bool(found) and set(found) <= names


def _name(block: Block) -> str:
    return type(block.mixer).__name__.lower()
