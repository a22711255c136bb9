"""The position-wise network of a block."""

import torch
from torch import nn
from torch.nn import functional as F

from tandem.core.choices import Activation
from tandem.core.shapes import Hidden


class FeedForward(nn.Module):
    """Two linear maps, D to `inner` and back, with an activation between them (Vaswani et al. 2017, section 3.3)."""

    def __init__(self, width: int, *, inner: int, activation: Activation) -> None:
        super().__init__()
        self.width, self.inner, self.activation = width, inner, activation
        self.expand = nn.Linear(width, inner)
        self.contract = nn.Linear(inner, width)
        for linear in (self.expand, self.contract):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, hidden: Hidden) -> Hidden:
        """The same map at every position."""
        inner: torch.Tensor = getattr(F, self.activation)(self.expand(hidden))
        output: Hidden = self.contract(inner)
        return output

    def flops(self, length: int) -> int:
        """Two operations for each weight and token."""
        return 2 * length * 2 * self.width * self.inner
