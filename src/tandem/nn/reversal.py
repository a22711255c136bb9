"""Text read from its end, while padding stays behind it."""

import torch

from tandem.core.shapes import Hidden, TokenMask


def reversed_text(hidden: Hidden, mask: TokenMask) -> Hidden:
    """`hidden` (B, T, D) with the text of each row in reverse and its padding in place; twice gives it back."""
    batch, length = mask.shape
    places = torch.arange(length, device=mask.device)[None, :]
    mirrored = mask.sum(dim=1, keepdim=True) - 1 - places
    first = length * torch.arange(batch, device=mask.device)[:, None]
    order = first + torch.where(mask, mirrored, places)
    # Whole positions are copied: gather takes 3.5 to 6 times as long, which was 5 % of a training step of an LSTM.
    return hidden.flatten(0, 1).index_select(0, order.flatten()).view_as(hidden)
