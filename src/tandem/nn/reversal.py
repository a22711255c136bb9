"""Text read from its end, while padding stays behind it."""

import torch

from tandem.core.shapes import Hidden, TokenMask


def reversed_text(hidden: Hidden, mask: TokenMask) -> Hidden:
    """`hidden` (B, T, D) with the text of each row in reverse and its padding in place; twice gives it back."""
    places = torch.arange(mask.shape[1], device=mask.device)[None, :]
    mirrored = mask.sum(dim=1, keepdim=True) - 1 - places
    order = torch.where(mask, mirrored, places)
    return hidden.gather(1, order[:, :, None].expand_as(hidden))
