"""Minimal gated recurrent units: one gate that does not read the state."""

from torch import Tensor

from tandem.core.choices import BlockStyle, Sees
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.minimal import MinimalRecurrence, Scan
from tandem.nn.mixers.base import Mixer


class Mingru(Mixer):
    """Minimal gated recurrent units: a state moves towards a candidate as far as one gate says.

    Gate and candidate read the input and not the state, so a sequence is read at once. `scan` = log computes as the
    paper does, with logarithms; the numbers are the same.

    Source: Feng et al. 2024, Were RNNs all we needed?, section 3.1 and appendix B; without their convolution.
    Sees: the past with D units, or both sides with D / 2 units in each direction.
    Padding: stands behind the text, and is passed over by the units that read from the end.
    State: one vector of D numbers.

    >>> import torch
    >>> Mingru(8, sees="past")(torch.zeros(2, 5, 8), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 8])
    """

    style: BlockStyle = "bare"

    def __init__(self, width: int, sees: Sees, *, scan: Scan = "associative") -> None:
        super().__init__()
        self.sees = sees
        self.minimal = MinimalRecurrence(width, sees=sees, gates=1, logit=_kept, scan=scan)

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


def _kept(update: Tensor) -> Tensor:
    return -update
