"""Recurrences whose gates read the input alone, so that all positions are computed at once."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.choices import Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.scan import associative_scan, log_scan

# Forward and backward of 4,096 positions of width 256 on one core, at lengths of 32 to 2,048: 6 to 15 ms by the
# associative scan or the steps that it takes in its place, and 300 to 400 ms by the paper's logarithms. Hence the
# mixers' default.
Scan = Literal["associative", "log"]

CLOSED = 1e4
"""A logit that keeps all of a state and takes in nothing: its sigmoid is exactly 1 and that of its negative 0."""


class MinimalRecurrence(nn.Module):
    """h_t = keep_t h_{t-1} + (1 - keep_t) g(candidate_t), where g is positive (Feng et al. 2024).

    One linear layer gives `gates` gates and the candidates; `logit` makes the logit of `keep` (B, T, D) from the gates
    (B, T, D each). Seeing the past: D units. Seeing both sides: the second half of the units reads each row from its
    end. Weights start Glorot-uniform for each gate, biases at zero.
    """

    def __init__(self, width: int, *, sees: Sees, gates: int, logit: Callable[..., Tensor], scan: Scan) -> None:
        super().__init__()
        if sees == "both" and width % 2:
            raise UsageError(f"width {width}: a recurrent mixer that sees both sides needs an even width")
        self.width, self.parts, self.logit, self.scan = width, gates + 1, logit, scan
        self.ahead = width if sees == "past" else width // 2
        self.project = nn.Linear(width, self.parts * width)
        for rows in self.project.weight.detach().chunk(self.parts):
            nn.init.xavier_uniform_(rows)
        nn.init.zeros_(self.project.bias)

    def forward(self, hidden: Hidden, mask: TokenMask, *, sees: Sees) -> Hidden:
        """All positions at once; units that read from the end give zeros where `sees` is the past."""
        logit, candidate = self._projected(hidden)
        ahead = self._scanned(logit[..., : self.ahead], candidate[..., : self.ahead])
        if sees == "past":
            return self._filled(ahead, hidden)
        # Read from the end, padding stands in front of the text: it must leave the state at zero.
        logit = logit[..., self.ahead :].masked_fill(~mask[:, :, None], CLOSED)
        behind = self._scanned(logit.flip(1), candidate[..., self.ahead :].flip(1)).flip(1)
        return torch.cat([ahead, behind], dim=-1).to(hidden.dtype)

    def start(self, batch: int) -> Tensor:
        """The zero state, (B, D)."""
        return self.project.weight.new_zeros(batch, self.ahead)

    def extend(self, state: Tensor, hidden: Hidden) -> tuple[Tensor, Hidden]:
        """The next tokens of each sequence."""
        logit, candidate = (part[..., : self.ahead] for part in self._projected(hidden))
        keep, new = logit.sigmoid(), (-logit).sigmoid() * positive(candidate)
        # What the first token keeps of the state is as good as read with it.
        new = torch.cat([new[:, :1] + keep[:, :1] * state[:, None], new[:, 1:]], dim=1)
        states = associative_scan(keep, new)
        return states[:, -1], self._filled(states, hidden)

    def _projected(self, hidden: Hidden) -> tuple[Tensor, Tensor]:
        """Logits of `keep` and candidates, (B, T, D) each."""
        projected: Tensor = self.project(hidden)
        # A state that forgets little adds up small steps, and bfloat16 drops those below 1/256 of the state.
        wide = projected.to(torch.promote_types(projected.dtype, torch.float32))
        *gates, candidate = wide.chunk(self.parts, dim=-1)
        return self.logit(*gates), candidate

    def _scanned(self, logit: Tensor, candidate: Tensor) -> Tensor:
        if self.scan == "log":
            return log_scan(F.logsigmoid(logit), F.logsigmoid(-logit) + log_positive(candidate))
        return associative_scan(logit.sigmoid(), (-logit).sigmoid() * positive(candidate))

    def _filled(self, ahead: Tensor, hidden: Hidden) -> Hidden:
        """The states with zeros in the units that read from the end, in the precision of `hidden`."""
        return F.pad(ahead, (0, self.width - self.ahead)).to(hidden.dtype)

    def flops(self, length: int) -> int:
        """Two operations for each weight and token."""
        return 2 * length * self.width * self.parts * self.width


def positive(candidate: Tensor) -> Tensor:
    """g(x): x + 1/2 above zero and sigmoid(x) below."""
    return torch.where(candidate >= 0, candidate + 0.5, candidate.sigmoid())


def log_positive(candidate: Tensor) -> Tensor:
    """The logarithm of g(x)."""
    return torch.where(candidate >= 0, (candidate.relu() + 0.5).log(), F.logsigmoid(candidate))
