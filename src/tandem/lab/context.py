"""What a model is shown when it is asked for the next token of a text."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tandem.data.frame import Frame
from tandem.nn.mixers.base import Mixer
from tandem.nn.model import Model
from tandem.nn.positions import Positions

FAR = 2**20


class Context(ABC):
    """Asks `model` for the token behind some ids. A context belongs to one text that grows at its end."""

    ends: bool
    """Whether the model tells where a text ends."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @abstractmethod
    def scores(self, ids: Sequence[int]) -> Tensor:
        """Unnormalised scores (V,) in float32 of what stands behind `ids`."""

    def _hidden(self, ids: Sequence[int], *, place: int = -1) -> Tensor:
        """The hidden state (1, D) at `place`, or the last one, of a text read at once."""
        read = torch.tensor([ids], device=self.model.device)
        return torch.Tensor(self.model.encoder(read, torch.ones_like(read, dtype=torch.bool))[:, place])

    def _scored(self, hidden: Tensor) -> Tensor:
        scores: Tensor = self.model.head(hidden).float()[0]
        return scores


class FromPrefix(Context):
    """A causal model that reads everything again for every token.

    A model whose state does not grow reads the whole text. Attention over everything, and positions that end, have only
    seen texts of `length` tokens: when a text gets longer, its earlier part is forgotten by half of that at a time.
    """

    ends = True

    def __init__(self, model: Model, *, begin: int, length: int) -> None:
        super().__init__(model)
        self.begin, self.length = begin, length if _is_limited(model) else None

    def scores(self, ids: Sequence[int]) -> Tensor:
        return self._scored(self._hidden([self.begin, *ids[self._first(len(ids)) :]]))

    def _first(self, count: int) -> int:
        """The first of `count` tokens that is still shown."""
        if self.length is None:
            return 0
        half = max(1, self.length // 2)
        return max(0, -(-(count + 1 - self.length) // half)) * half


class StepByStep(FromPrefix):
    """The same, from the state that is left after the tokens before."""

    def __init__(self, model: Model, *, begin: int, length: int) -> None:
        super().__init__(model, begin=begin, length=length)
        self.state: Any = None
        self.first = self.read = 0

    def scores(self, ids: Sequence[int]) -> Tensor:
        first = self._first(len(ids))
        if self.state is None or first != self.first:
            self.state, self.first, unread = self.model.encoder.start(1), first, [self.begin, *ids[first:]]
        else:
            unread = list(ids[self.read :])
        self.read = len(ids)
        self.state, hidden = self.model.encoder.extend(self.state, torch.tensor([unread], device=self.model.device))
        return self._scored(hidden[:, -1])


class FromMasks(Context):
    """A masked model, asked for a mask behind the last tokens, in the frame that it finds around a text.

    All of it is at most `length` tokens.
    """

    ends = False

    def __init__(self, model: Model, *, frame: Frame, mask_id: int, length: int) -> None:
        super().__init__(model)
        self.frame, self.mask_id, self.room = frame, mask_id, max(1, length - 1 - frame.size)

    def scores(self, ids: Sequence[int]) -> Tensor:
        read = self.frame.around([*ids[-self.room :], self.mask_id])
        return self._scored(self._hidden(read, place=-1 - len(self.frame.behind)))


def _is_limited(model: Model) -> bool:
    """Whether a text may get longer than the model can bear."""
    return any(
        module.table is not None
        if isinstance(module, Positions)
        else module.state_bytes(FAR) > module.state_bytes(FAR // 2)
        for module in model.modules()
        if isinstance(module, Positions | Mixer)
    )
