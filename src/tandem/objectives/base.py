"""The contract of an objective: the only place where text meets nn."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from tandem.core.choices import Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Outcome:
    """The summed loss of a batch, a scalar tensor; over how many predictions; how many of them were right."""

    loss_sum: Tensor
    count: int
    correct: Tensor | int


class Objective(ABC):
    """What a model is trained to do. Keyword-only constructor parameters are options under `[objective]`."""

    sees: Sees
    """Whether a position may use what stands behind it."""
    unit: str
    """What the loss is measured in."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    @abstractmethod
    def collate(self, rows: Rows, *, key: int) -> Batch:
        """The batch made of `rows`, a pure function of the key and the rows' sequence numbers."""

    @abstractmethod
    def head(self, embedding: nn.Embedding, *, epsilon: float) -> nn.Module:
        """A new head for an encoder with this embedding."""

    @abstractmethod
    def head_flops(self, head: nn.Module, length: int) -> float:
        """Expected operations of the head for one sequence of `length` tokens."""

    @abstractmethod
    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        """The loss of hidden states (B, T, D) against the batch."""

    @abstractmethod
    def baseline(self, counts: NDArray[np.int64], batch: Batch) -> Outcome:
        """The loss of the best guess that knows only `counts`, how often each id occurs in training."""
