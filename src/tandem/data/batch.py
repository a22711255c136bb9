"""What an objective hands to a model."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tandem.core.shapes import Classes, Labels, Letters, Places, RowMask, SecondIds, TokenIds, TokenMask, Values
from tandem.data.rows import Rows


@dataclass(frozen=True)
class Batch:
    """One step's input and targets.

    `ids` and `mask` are (B, T), the mask true where there is text; `tokens` is the number of real positions. `places`
    (N,) counts positions row by row in the flattened B·T grid: the ones that are scored, against `labels` (N,);
    `letters` (N, L) are those of the words that begin there, by number, 0 behind them.
    `segments` (B, T) numbers the text that a token belongs to. `classes` and `values` (one for each sequence, or for
    each pair of them) are what a whole sequence is scored against. What an objective has no use for is
    None. `causal` (B,) is true for rows that must not look ahead this time. `target_ids` (B, U) are read by a decoder,
    padding behind them; `places` then count in their grid. `only_places` says that none of the encoder's hidden states
    is read but those at `places`.
    """

    ids: TokenIds
    mask: TokenMask
    tokens: int
    places: Places | None = None
    labels: Labels | None = None
    segments: TokenIds | None = None
    classes: Classes | None = None
    causal: RowMask | None = None
    values: Values | None = None
    only_places: bool = False
    letters: Letters | None = None
    target_ids: SecondIds | None = None

    @property
    def positions(self) -> int:
        """How many positions it has, padding included."""
        return self.ids.numel() + (0 if self.target_ids is None else self.target_ids.numel())

    @property
    def rows(self) -> Places:
        """The row (N,) that each of the scored `places` stands in."""
        assert self.places is not None
        grid = self.ids if self.target_ids is None else self.target_ids
        return self.places // grid.shape[1]

    def to(self, device: torch.device) -> "Batch":
        """The same batch on `device`."""
        moved: dict[str, Any] = {
            name: _sent(value, device) if isinstance(value, Tensor) else value for name, value in vars(self).items()
        }
        return Batch(**moved)


def _sent(tensor: Tensor, device: torch.device) -> Tensor:
    # A GPU takes from pinned memory by itself, while the host goes on.
    pinned = device.type == "cuda" and tensor.device.type == "cpu"
    return tensor.pin_memory().to(device, non_blocking=True) if pinned else tensor.to(device)


def batch_of(rows: Rows) -> Batch:
    """The texts of `rows` with what they are scored against: classes where the targets are whole numbers, or values."""
    targets = None if rows.targets is None else torch.from_numpy(rows.targets)
    has_values = targets is not None and targets.is_floating_point()
    return Batch(
        ids=torch.from_numpy(rows.ids),
        mask=torch.from_numpy(rows.mask),
        tokens=int(rows.mask.sum()),
        segments=None if rows.segments is None else torch.from_numpy(rows.segments),
        classes=None if has_values else targets,
        values=targets.float() if targets is not None and has_values else None,
    )
