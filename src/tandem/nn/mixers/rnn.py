"""An Elman network: h_t = tanh(W x_t + U h_{t-1} + b)."""

from typing import Any

from torch import nn

from tandem.core.choices import BlockStyle, Sees
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.mixers.base import Mixer
from tandem.nn.recurrence import Recurrence


class Rnn(Mixer):
    """An Elman network: h_t = tanh(W x_t + U h_{t-1} + b).

    Source: Elman 1990, Finding structure in time.
    Sees: the past with D units, or both sides with D / 2 units in each direction.
    Padding: stands behind the text in both directions, so no real position depends on it.
    State: one vector of D numbers.

    >>> import torch
    >>> Rnn(8, sees="past")(torch.zeros(2, 5, 8), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 8])
    """

    style: BlockStyle = "bare"

    def __init__(self, width: int, sees: Sees) -> None:
        super().__init__()
        self.sees = sees
        self.recurrence = Recurrence(nn.RNN, width, sees=sees, gates=1)

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        output: Hidden = self.recurrence(hidden, mask, sees=self.sees)
        return output

    def start(self, batch: int) -> Any:
        return self.recurrence.start(batch)

    def extend(self, state: Any, hidden: Hidden) -> tuple[Any, Hidden]:
        return self.recurrence.extend(state, hidden)

    def flops(self, length: int) -> int:
        return self.recurrence.flops(length)

    def state_bytes(self, length: int) -> int:  # noqa: ARG002
        return self.recurrence.state_bytes()
