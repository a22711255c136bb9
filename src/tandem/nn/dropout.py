"""Dropout whose masks cost a CPU little."""

import torch
from torch import Tensor, nn

LEVELS = 2**16
LEAST = -(2**63)


class Dropout(nn.Dropout):
    """Torch's dropout, with another way to draw masks on a CPU.

    There torch draws number by number, twice for each: 5 (fp32) to 8 % (bf16) of a training step of `attention*4` went
    into it. Here one draw of 64 bits decides about four numbers. So `p` is rounded to 1 / 65,536, and what is kept is
    scaled by the rounded share, which leaves the mean where it was.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        """`hidden` (…) in training with a share `p` of its numbers at zero and the others scaled; else as it is."""
        dropped = round(LEVELS * self.p)
        if not self.training or not 0 < dropped < LEVELS or hidden.device.type != "cpu":
            return super().forward(hidden)
        lanes = _draws(-(-hidden.numel() // 4)).view(torch.int16)[: hidden.numel()].view(hidden.shape)
        # Compared in place: a whole number becomes a float several times as fast as a truth value does.
        kept = lanes.ge_(dropped - LEVELS // 2).to(hidden.dtype)
        return hidden * kept.mul_(LEVELS / (LEVELS - dropped))


def _draws(count: int) -> Tensor:
    """So many random numbers of 64 bits."""
    if torch.compiler.is_compiling():
        # The same bits, drawn in a way that torch can compile, in half as much time again.
        return torch.randint(LEAST, -1 - LEAST, (count,)) ^ LEAST
    return torch.empty(count, dtype=torch.int64).random_(LEAST, None)
