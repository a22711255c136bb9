"""One-dimensional convolution over neighbouring positions."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.choices import Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden, TokenMask
from tandem.nn.mixers.base import Mixer


class Neighbours(NamedTuple):
    """The last inputs that the kernel reaches, (B, D, kernel - 1)."""

    inputs: Tensor


class Cnn(Mixer):
    """A convolution of `kernel` neighbouring positions with D filters, then ReLU.

    Source: Kim 2014, Convolutional neural networks for sentence classification; van den Oord et al. 2016 (causal).
    Sees: the past (the `kernel` latest positions), or both sides (centred; `kernel` odd).
    Padding: is set to zero before the convolution, as beyond the ends of a row.
    State: the last inputs that the kernel reaches, kernel - 1 of them.

    >>> Cnn(8, sees="both", kernel=5)(torch.zeros(2, 7, 8), torch.ones(2, 7, dtype=torch.bool)).shape
    torch.Size([2, 7, 8])
    """

    def __init__(self, width: int, sees: Sees, *, kernel: int = 3) -> None:
        super().__init__()
        if kernel < 1 or (sees == "both" and kernel % 2 == 0):
            raise UsageError(f"cnn: kernel = {kernel}: a positive number is needed, and an odd one to see both sides")
        self.sees, self.kernel = sees, kernel
        # How many of the kernel's places stand behind the position itself.
        self.ahead = 0 if sees == "past" else kernel // 2
        self.convolution = nn.Conv1d(width, width, kernel)
        nn.init.kaiming_uniform_(self.convolution.weight, nonlinearity="relu")
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        inputs = (hidden * mask[:, :, None]).transpose(1, 2)
        ahead = self.ahead if self.sees == "both" else 0
        return self._convolved(F.pad(inputs, (self.kernel - 1 - self.ahead, ahead)))

    def _convolved(self, inputs: Tensor) -> Hidden:
        """Inputs (B, D, T + places around) to (B, T, D); a kernel that must not look ahead lacks those places."""
        weight = self.convolution.weight
        if self.ahead and self.sees == "past":
            weight = weight[:, :, : self.kernel - self.ahead]
        return F.relu(F.conv1d(inputs, weight, self.convolution.bias)).transpose(1, 2)

    def start(self, batch: int) -> Neighbours:
        before = self.kernel - 1 - self.ahead
        return Neighbours(self.convolution.weight.new_zeros(batch, self.convolution.in_channels, before))

    def extend(self, state: Neighbours, hidden: Hidden) -> tuple[Neighbours, Hidden]:
        inputs = torch.cat([state.inputs, hidden.transpose(1, 2)], dim=2)
        last = inputs[:, :, inputs.shape[2] - state.inputs.shape[2] :]
        return Neighbours(last), self._convolved(inputs)

    def flops(self, length: int) -> int:
        return 2 * length * self.kernel * self.convolution.in_channels * self.convolution.out_channels

    def state_bytes(self, length: int) -> int:  # noqa: ARG002
        return 4 * (self.kernel - 1 - self.ahead) * self.convolution.in_channels
