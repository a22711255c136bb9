"""The layers of an encoder as one."""

import torch
from torch import nn

from tandem.core.shapes import Hidden


class LayerMix(nn.Module):
    """A learned mean of `layers` layers: gamma times their sum weighted by softmax(w).

    It begins as the plain mean: w is zero and gamma is one.

    Source: Peters et al. 2018, Deep contextualized word representations, equation 1.
    """

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(layers))
        self.gamma = nn.Parameter(torch.ones(()))

    def forward(self, layers: list[Hidden]) -> Hidden:
        """Hidden states (B, T, D) of every layer to hidden states (B, T, D)."""
        shares = self.weights.softmax(dim=0)
        mixed: Hidden = self.gamma * sum(share * hidden for share, hidden in zip(shares, layers, strict=True))
        return mixed
