"""The state that a model carries from one batch to the next."""

from typing import Any

import torch
from torch import Tensor

from tandem.core.choices import Sees
from tandem.core.shapes import Hidden, RowMask
from tandem.data.batch import Batch
from tandem.nn.model import Model
from tandem.nn.state import mapped, refilled, tensors

NAME = "carried/"


class Carried:
    """Reads batches whose rows go on where the rows of the batch before stopped (truncated backpropagation).

    Gradients end where a batch begins. The state is saved with a checkpoint, so that resuming is exact.
    """

    def __init__(self) -> None:
        self.state: Any = None

    def read(self, model: Model, batch: Batch, *, anew: bool) -> Hidden:
        """The hidden states of `batch` (B, T, D); `anew` begins with an empty state."""
        if anew or self.state is None:
            self.state = model.encoder.start(len(batch.ids))
        self.state, hidden = model.encoder.extend(mapped(self.state, torch.Tensor.detach), batch.ids)
        return hidden

    def tensors(self) -> dict[str, Tensor]:
        """The state by name, to be saved; empty where nothing is carried yet."""
        found = [] if self.state is None else list(tensors(self.state))
        return {f"{NAME}{number:04}": tensor.detach() for number, tensor in enumerate(found)}

    def load(self, saved: dict[str, Tensor], model: Model) -> None:
        """Takes over what `tensors` gave."""
        mine = [saved[name].to(model.device) for name in sorted(saved) if name.startswith(NAME)]
        if mine:
            self.state = refilled(model.encoder.start(len(mine[0])), iter(mine))


def hidden_states(model: Model, batch: Batch, carried: Carried | None, *, anew: bool = False) -> Hidden:
    """What the encoder makes of `batch`, (B, T, D): each row by itself, or going on from what is `carried`."""
    if carried is not None:
        return carried.read(model, batch, anew=anew)
    if batch.causal is None:
        hidden: Hidden = model.encoder(batch.ids, batch.mask, batch.segments)
        return hidden
    return _by_turns(model, batch, batch.causal)


def _by_turns(model: Model, batch: Batch, causal: RowMask) -> Hidden:
    """Rows that must not look ahead, then the others, put back in their order."""
    parts, places = [], []
    turns: tuple[tuple[RowMask, Sees], ...] = ((causal, "past"), (~causal, "both"))
    for rows, sees in turns:
        if rows.any():
            with model.encoder.seeing(sees):
                parts.append(model.encoder(batch.ids[rows], batch.mask[rows]))
            places.append(rows.nonzero()[:, 0])
    return torch.cat(parts)[torch.cat(places).argsort()]
