"""A mixer with what surrounds it: norms, residual connections, a feed-forward network, dropout."""

from typing import Any

from torch import nn

from tandem.core.choices import Activation, BlockStyle
from tandem.core.shapes import ChosenRow, Hidden, Places, TokenMask
from tandem.nn.dropout import Dropout
from tandem.nn.feedforward import FeedForward
from tandem.nn.mixers.base import Mixer
from tandem.nn.places import output_at, picked, spared_flops


class Block(nn.Module):
    """One layer of an encoder.

    `pre`: x + mix(norm x), then x + feed(norm x) (Xiong et al. 2020).
    `post`: norm(x + mix x), then norm(x + feed x) (Vaswani et al. 2017).
    `bare`: mix x. Dropout follows every mix and every feed.
    """

    def __init__(
        self,
        mixer: Mixer,
        width: int,
        *,
        style: BlockStyle,
        feedforward: int,
        activation: Activation,
        epsilon: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.mixer, self.style = mixer, style
        self.dropout = Dropout(dropout)
        if style != "bare":
            self.norm_mix = nn.LayerNorm(width, eps=epsilon)
            self.norm_feed = nn.LayerNorm(width, eps=epsilon)
            self.feed = FeedForward(width, inner=feedforward, activation=activation)

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        """Hidden states (B, T, D) to hidden states (B, T, D)."""
        mixed: Hidden = self.mixer(self._mixed_input(hidden), mask)
        return self._around(hidden, mixed)

    def at(self, hidden: Hidden, mask: TokenMask, places: Places) -> ChosenRow:
        """What `forward` gives at `places` of the flattened grid, as one row (1, N, D)."""
        mixed: ChosenRow = output_at(self.mixer, self._mixed_input(hidden), mask, places)
        return self._around(picked(hidden, places), mixed)

    def start(self, batch: int) -> Any:
        """The state before the first token of `batch` sequences."""
        return self.mixer.start(batch)

    def extend(self, state: Any, hidden: Hidden) -> tuple[Any, Hidden]:
        """The next tokens (B, T, D): the state after them and their outputs (B, T, D)."""
        state, mixed = self.mixer.extend(state, self._mixed_input(hidden))
        return state, self._around(hidden, mixed)

    def _mixed_input(self, hidden: Hidden) -> Hidden:
        """What the mixer reads."""
        inner: Hidden = self.norm_mix(hidden) if self.style == "pre" else hidden
        return inner

    def _around(self, hidden: Hidden, mixed: Hidden) -> Hidden:
        """The block's output from its input and what its mixer made of it."""
        mixed = self.dropout(mixed)
        if self.style == "bare":
            return mixed
        if self.style == "pre":
            hidden = hidden + mixed
            output: Hidden = hidden + self.dropout(self.feed(self.norm_feed(hidden)))
        else:
            hidden = self.norm_mix(hidden + mixed)
            output = self.norm_feed(hidden + self.dropout(self.feed(hidden)))
        return output

    def flops(self, length: int) -> int:
        """Of one forward pass over one sequence; norms, sums and activations are left out, as is usual."""
        return self.mixer.flops(length) + self._fed_flops(length)

    def spared_flops(self, length: int) -> int:
        """What of `flops` `at` leaves undone where there are no places; nothing of a block that is not trained.

        Of what is not trained the passes backwards are not counted, so that they cannot be spared.
        """
        is_trained = any(parameter.requires_grad for parameter in self.parameters())
        return spared_flops(self.mixer, length) + self._fed_flops(length) if is_trained else 0

    def _fed_flops(self, length: int) -> int:
        return 0 if self.style == "bare" else self.feed.flops(length)
