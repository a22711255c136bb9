"""The state that a model carries from one batch to the next."""

from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from tandem.core.choices import Sees
from tandem.core.shapes import Hidden, RowMask
from tandem.data.batch import Batch
from tandem.nn.model import Model
from tandem.nn.state import mapped, refilled, tensors
from tandem.train.checkpoint import tensor_bytes
from tandem.train.processes import rank, size, told

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
        """The state of this process's rows by name; empty where nothing is carried yet."""
        found = [] if self.state is None else list(tensors(self.state))
        return {f"{NAME}{number:04}": tensor.detach() for number, tensor in enumerate(found)}

    def gathered(self) -> dict[str, Tensor]:
        """The state of the whole batch by name, from the shares of all processes, which call this together."""
        if size() == 1:
            return self.tensors()
        own = tensor_bytes(self.tensors())
        shares = [safetensors.torch.load(told(own, by=number)) for number in range(size())]
        whole: dict[str, Tensor] = {}
        for name, first in shares[0].items():
            rows = sum(len(share[name]) for share in shares)
            whole[name] = first.new_empty(rows, *first.shape[1:])
            for number, share in enumerate(shares):
                whole[name][number :: size()] = share[name]
        return whole

    def load(self, saved: dict[str, Tensor], model: Model) -> None:
        """Takes over what `gathered` gave; of several processes each takes its share."""
        names = [name for name in sorted(saved) if name.startswith(NAME)]
        mine = [saved[name][rank() :: size()].contiguous().to(model.device) for name in names]
        if mine:
            self.state = refilled(model.encoder.start(len(mine[0])), iter(mine))


def hidden_states(model: Model, batch: Batch, carried: Carried | None, *, anew: bool = False) -> Hidden:
    """What the encoder makes of `batch`, (B, T, D): each row by itself, or going on from what is `carried`.

    Where the batch says that only its places are read, zeros may stand at other positions.
    """
    if carried is not None:
        return carried.read(model, batch, anew=anew)
    if batch.causal is None:
        read = batch.places if batch.only_places else None
        hidden: Hidden = model.encoder(batch.ids, batch.mask, batch.segments, read=read)
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
