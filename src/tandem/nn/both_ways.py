"""Two bodies over one text, each in its own direction."""

from typing import NoReturn

import torch
from torch import nn

from tandem.core.errors import UsageError
from tandem.core.shapes import BothHidden, Hidden, TokenMask
from tandem.nn.reversal import reversed_text


class BothWays(nn.Module):
    """`ahead` reads a text from its beginning, `behind` reads it from its end; what they give stands side by side.

    Where the bodies see the past only, the first D units of a position know nothing of what follows it, and the last D
    units nothing of what precedes it. Padding stays behind the text for both.

    Source: Peters et al. 2018, Deep contextualized word representations.
    """

    def __init__(self, ahead: nn.Module, behind: nn.Module) -> None:
        super().__init__()
        self.ahead, self.behind = ahead, behind

    def forward(self, hidden: Hidden, mask: TokenMask) -> BothHidden:
        """Hidden states (B, T, D) to hidden states (B, T, 2D)."""
        backwards = self.behind(reversed_text(hidden, mask), mask)
        return torch.cat([self.ahead(hidden, mask), reversed_text(backwards, mask)], dim=-1)

    def start(self, batch: int) -> NoReturn:  # noqa: ARG002
        """There is no state to begin with.

        Raises:
            UsageError: always; one body begins where a text ends, so no text can be read piece by piece.
        """
        raise UsageError("a model that reads a text from both ends cannot read or write it token by token")

    def extend(self, state: object, hidden: Hidden) -> NoReturn:  # noqa: ARG002
        """As `start`."""
        self.start(len(hidden))

    def flops(self, length: int) -> int:
        """Of both bodies."""
        return int(self.ahead.flops(length) + self.behind.flops(length))  # type: ignore[operator]
