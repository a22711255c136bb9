"""Minimal long short-term memory: gates that let in and keep, and do not read the state."""

import torch
from torch import Tensor
from torch.nn import functional as F

from tandem.core.choices import BlockStyle, Sees
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.minimal import MinimalRecurrence, Scan
from tandem.nn.mixers.base import Mixer


class Minlstm(Mixer):
    """Minimal long short-term memory: a forget and an input gate share what a state is made of.

    Gates and candidate read the input and not the state, so a sequence is read at once. `scan` = log computes as the
    paper does, with logarithms; the numbers are the same.

    Source: Feng et al. 2024, Were RNNs all we needed?, section 3.2 and appendix B; without their convolution.
    Sees: the past with D units, or both sides with D / 2 units in each direction.
    Padding: stands behind the text, and is passed over by the units that read from the end.
    State: one vector of D numbers.

    >>> import torch
    >>> Minlstm(8, sees="past")(torch.zeros(2, 5, 8), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 8])
    """

    style: BlockStyle = "bare"

    def __init__(self, width: int, sees: Sees, *, scan: Scan = "associative") -> None:
        super().__init__()
        self.sees = sees
        self.minimal = MinimalRecurrence(width, sees=sees, gates=2, logit=_kept, scan=scan)
        with torch.no_grad():
            # The forget gate starts open, as an LSTM's does.
            self.minimal.project.bias[:width] = 1.0

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        output: Hidden = self.minimal(hidden, mask, sees=self.sees)
        return output

    def start(self, batch: int) -> Tensor:
        return self.minimal.start(batch)

    def extend(self, state: Tensor, hidden: Hidden) -> tuple[Tensor, Hidden]:
        return self.minimal.extend(state, hidden)

    def flops(self, length: int) -> int:
        return self.minimal.flops(length)

    def state_bytes(self, length: int) -> int:  # noqa: ARG002
        return 4 * self.minimal.width


def _kept(forget: Tensor, take: Tensor) -> Tensor:
    """The logit of forget / (forget + take), where a quotient of two closed gates would be 0 / 0."""
    return F.logsigmoid(forget) - F.logsigmoid(take)
