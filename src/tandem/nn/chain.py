"""Modules one after the other, as a series of an expression is."""

from typing import Any

from torch import nn

from tandem.core.shapes import ChosenRow, Hidden, Places, TokenMask
from tandem.nn.places import output_at, picked, spared_flops


class Norm(nn.LayerNorm):
    """A layer norm as a part of an expression."""

    def forward(self, hidden: Hidden, mask: TokenMask | None = None) -> Hidden:  # noqa: ARG002
        """Hidden states (B, T, D), each brought to mean 0 and variance 1, then scaled and moved."""
        output: Hidden = super().forward(hidden)
        return output

    def start(self, batch: int) -> tuple[()]:  # noqa: ARG002
        """Nothing is remembered."""
        return ()

    def extend(self, state: tuple[()], hidden: Hidden) -> tuple[tuple[()], Hidden]:
        """The next tokens (B, T, D), normed."""
        return state, self(hidden)

    def flops(self, length: int) -> int:  # noqa: ARG002
        """Norms are left out, as is usual."""
        return 0


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

    def at(self, hidden: Hidden, mask: TokenMask, places: Places) -> ChosenRow:
        """What `forward` gives at `places` of the flattened grid, as one row (1, N, D)."""
        steps = [*self.steps]
        for step in steps[:-1]:
            hidden = step(hidden, mask)
        row = output_at(steps[-1], hidden, mask, places) if steps else picked(hidden, places)
        return row if self.norm is None else self.norm(row)

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

    def spared_flops(self, length: int) -> int:
        """What of `flops` `at` leaves undone where there are no places."""
        return spared_flops(self.steps[-1], length) if len(self.steps) else 0
