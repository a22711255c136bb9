"""How branches over one input become one again."""

from functools import reduce
from typing import Any

import torch
from torch import nn

from tandem.core.choices import Merge
from tandem.core.shapes import ChosenRow, Hidden, Places, TokenMask
from tandem.nn.places import output_at, spared_flops


class Parallel(nn.Module):
    """Runs `branches` side by side on the same hidden states (B, T, D) and merges what they give.

    `sum` adds; `concat` maps all branches together to D by one linear layer; `gate` takes a weighted mean whose
    weights, one for each branch and unit, are a softmax of a linear layer over all branches.
    """

    def __init__(self, branches: list[nn.Module], width: int, *, merge: Merge) -> None:
        super().__init__()
        self.branches, self.width, self.merge = nn.ModuleList(branches), width, merge
        inputs = len(branches) * width
        if merge != "sum":
            self.weigh = nn.Linear(inputs, width if merge == "concat" else inputs)
            nn.init.xavier_uniform_(self.weigh.weight)
            nn.init.zeros_(self.weigh.bias)

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        """Hidden states (B, T, D) to hidden states (B, T, D)."""
        return self._merged([branch(hidden, mask) for branch in self.branches])

    def at(self, hidden: Hidden, mask: TokenMask, places: Places) -> ChosenRow:
        """What `forward` gives at `places` of the flattened grid, as one row (1, N, D)."""
        return self._merged([output_at(branch, hidden, mask, places) for branch in self.branches])

    def start(self, batch: int) -> tuple[Any, ...]:
        """The states of all branches."""
        return tuple(branch.start(batch) for branch in self.branches)  # type: ignore[operator]

    def extend(self, state: tuple[Any, ...], hidden: Hidden) -> tuple[tuple[Any, ...], Hidden]:
        """The next tokens (B, T, D): the states after them and the merged outputs (B, T, D)."""
        pairs = [
            branch.extend(before, hidden)  # type: ignore[operator]
            for branch, before in zip(self.branches, state, strict=True)
        ]
        return tuple(after for after, _ in pairs), self._merged([output for _, output in pairs])

    def _merged(self, outputs: list[Hidden]) -> Hidden:
        if self.merge == "sum":
            return reduce(torch.add, outputs)
        together: Hidden = self.weigh(torch.cat(outputs, dim=-1))
        if self.merge == "concat":
            return together
        shares = together.reshape(*together.shape[:2], len(outputs), self.width).softmax(dim=-2)
        return torch.einsum("btnd,btnd->btd", shares, torch.stack(outputs, dim=-2))

    def flops(self, length: int) -> int:
        """Of the branches, of the linear layer that merges them, and of a gate's weighted mean."""
        return sum(branch.flops(length) for branch in self.branches) + self._merge_flops(length)  # type: ignore[operator]

    def spared_flops(self, length: int) -> int:
        """What of `flops` `at` leaves undone where there are no places."""
        return sum(spared_flops(branch, length) for branch in self.branches) + self._merge_flops(length)

    def _merge_flops(self, length: int) -> int:
        inputs = len(self.branches) * self.width
        products = {"sum": 0, "concat": inputs * self.width, "gate": inputs * inputs + inputs}[self.merge]
        return 2 * length * products
