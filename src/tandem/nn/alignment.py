"""How a recurrent decoder weighs what the encoder said."""

from typing import Literal

import torch
from torch import Tensor, nn

from tandem.core.shapes import Alignment as Weights
from tandem.core.shapes import Memory, MemoryMask, Target

Score = Literal["additive", "dot", "general"]


class Alignment(nn.Module):
    """The softmax over the source of a score of each state q against each vector h of the memory.

    `additive`: v tanh(W q + U h + b) (Bahdanau et al. 2015). `dot`: q h. `general`: q W h (Luong et al. 2015).
    """

    def __init__(self, width: int, *, score: Score) -> None:
        super().__init__()
        self.width, self.score = width, score
        if score == "additive":
            self.query, self.combine = nn.Linear(width, width, bias=False), nn.Linear(width, 1, bias=False)
        if score != "dot":
            self.key = nn.Linear(width, width, bias=score == "additive")
        for layer in self.children():
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def keys(self, memory: Memory) -> Memory:
        """What of the scores does not depend on the state, (B, S, D): made once for each source."""
        return memory if self.score == "dot" else self.key(memory)

    def forward(self, states: Target, keys: Memory, mask: MemoryMask) -> Weights:
        """The weights (B, T, S) of states (B, T, D); 0 for padding, and rows sum to 1."""
        if self.score == "additive":
            scores_BTS: Tensor = self.combine((self.query(states)[:, :, None] + keys[:, None]).tanh())[..., 0]
        else:
            scores_BTS = states @ keys.mT
        return scores_BTS.masked_fill(~mask[:, None], -torch.inf).softmax(dim=-1)

    def flops(self, length: int) -> int:
        """Of `length` states over `length` tokens, with the mean that the weights are for."""
        maps = {"additive": 2, "dot": 0, "general": 1}[self.score]
        return 2 * length * self.width * (maps * self.width + 2 * length)
