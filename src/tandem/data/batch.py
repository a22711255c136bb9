"""What an objective hands to a model."""

from dataclasses import dataclass

import torch

from tandem.core.shapes import Labels, Places, TokenIds, TokenMask


@dataclass(frozen=True)
class Batch:
    """One step's input and targets.

    `ids` and `mask` are (B, T), the mask true where there is text. `places` (N,) counts positions row by row in the
    flattened B·T grid: the ones that are scored, against `labels` (N,). `tokens` is the number of real positions.
    """

    ids: TokenIds
    mask: TokenMask
    places: Places
    labels: Labels
    tokens: int

    def to(self, device: torch.device) -> "Batch":
        """The same batch on `device`."""
        ids, mask, places, labels = (tensor.to(device) for tensor in (self.ids, self.mask, self.places, self.labels))
        return Batch(ids, mask, places, labels, self.tokens)
