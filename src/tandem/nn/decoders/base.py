"""The contract of a decoder: the part of a model that writes one sequence while it looks at another."""

from abc import ABC, abstractmethod
from typing import Any

from torch import nn

from tandem.core.shapes import Alignment, HiddenStep, Memory, MemoryMask, RowIds, Target, TargetIds


class Decoder(nn.Module, ABC):
    """Target ids (B, T), the memory (B, S, D) that an encoder made of the source, and its mask, to states (B, T, D).

    A constructor takes `embedding`, the vectors (V, D) of the target's tokens, `layers` and `defaults` from the house;
    its keyword-only parameters with a default are options of the expression. The first id of a row begins the text, and
    the state at a position knows the ids up to it: what comes next is told from there. Padding of the source never
    changes a state. Target ids stand at the left, and what stands behind them changes nothing before it.
    """

    embedding: nn.Embedding

    @abstractmethod
    def forward(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> Target:
        """The states of whole targets, as in training, where all ids are known (teacher forcing)."""

    @abstractmethod
    def start(self, memory: Memory, mask: MemoryMask) -> Any:
        """The state before the first id: nested tuples of tensors, each of which begins with the batch."""

    @abstractmethod
    def step(self, state: Any, ids: RowIds) -> tuple[Any, HiddenStep]:
        """The next id (B,) of each target: the state behind it and its output (B, D), as `forward` gives it."""

    @abstractmethod
    def alignments(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> list[Alignment]:
        """How much of each source token every state takes in, (B, T, S) for each layer; rows sum to 1.

        With several heads, their mean. Empty where the decoder does not attend to the memory.
        """

    @abstractmethod
    def flops(self, length: int) -> int:
        """Operations of one forward pass for a source and a target of `length` tokens each."""
