"""The contract of a mixer: the part of a block that moves information between positions."""

from abc import ABC, abstractmethod
from typing import Any

from torch import nn

from tandem.core.choices import BlockStyle, Sees
from tandem.core.shapes import Hidden, HiddenStep, TokenMask


class Mixer(nn.Module, ABC):
    """Maps hidden states (B, T, D) and a mask (B, T), true where there is text, to hidden states (B, T, D).

    A constructor takes `width` and `sees` from the house; its keyword-only parameters with a default are options of
    the expression. Text stands at the left of a row and padding at the right. Padding never changes what a real
    position gets; a mixer that sees the past has zero gradient from output t to inputs after t. One that has less to do
    where only some positions are read may say so by `at` and `spared_flops` (see `nn/places.py`).
    """

    style: BlockStyle = "pre"
    """The block this mixer is put into where neither the expression nor the recipe says another."""

    sees: Sees
    """What a position may use. A mixer that was built to see both sides can be told to see the past for a while (see
    `Encoder.seeing`) and then obeys all that is said of such a mixer."""

    @abstractmethod
    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        """Mixes whole sequences."""

    @abstractmethod
    def start(self, batch: int) -> Any:
        """The state before the first token of `batch` sequences: a tensor or a tuple of tensors, each (B, …).

        Only for a mixer that sees the past.
        """

    @abstractmethod
    def extend(self, state: Any, hidden: Hidden) -> tuple[Any, Hidden]:
        """The next T tokens (B, T, D), all of them text: the state after them and their outputs (B, T, D).

        Only for a mixer that sees the past. Reading a sequence in pieces gives what `forward` gives for the whole.
        """

    def step(self, state: Any, hidden: HiddenStep) -> tuple[Any, HiddenStep]:
        """One token (B, D): the state after it and its output (B, D)."""
        state, output = self.extend(state, hidden[:, None])
        return state, output[:, 0]

    @abstractmethod
    def flops(self, length: int) -> int:
        """Operations of one forward pass over one sequence of `length` tokens; a multiply-add counts as two."""

    @abstractmethod
    def state_bytes(self, length: int) -> int:
        """Bytes of float32 state that one sequence needs after `length` tokens, to go on step by step."""
