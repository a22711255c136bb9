"""From the hidden states of a sequence to one vector for all of it."""

from typing import Literal

import torch
from torch import Tensor, nn

from tandem.core.shapes import Hidden, Pooled, TokenMask
from tandem.nn.layout import Atom, Node, Parallel, Repeat, Series

PoolingKind = Literal["first", "last", "mean", "max", "attentive"]


class Pooling(nn.Module):
    """Hidden states (B, T, D) and a mask to vectors (B, D), in which only what the mask holds plays a part.

    `first` and `last` take one position, `mean` and `max` go over all of the text. `attentive` is a mean whose weights
    are a softmax of each position's product with one trained vector (Yang et al. 2016, without their hidden layer); it
    begins as `mean`. A row without text becomes zeros. The text may stand anywhere in a row.
    """

    def __init__(self, width: int, *, kind: PoolingKind) -> None:
        super().__init__()
        self.kind: PoolingKind = kind
        self.query = nn.Parameter(torch.zeros(width)) if kind == "attentive" else None

    def forward(self, hidden: Hidden, mask: TokenMask) -> Pooled:
        """One vector for each row."""
        text_BT1 = mask[:, :, None]
        match self.kind:
            case "first":
                pooled = _at(hidden, mask.int().argmax(dim=1))
            case "last":
                pooled = _at(hidden, mask.cumsum(dim=1).argmax(dim=1))
            case "mean":
                pooled = hidden.masked_fill(~text_BT1, 0).sum(dim=1) / text_BT1.sum(dim=1).clamp(min=1)
            case "max":
                pooled = hidden.masked_fill(~text_BT1, torch.finfo(hidden.dtype).min).amax(dim=1)
            case "attentive":
                pooled = (self.weights(hidden, mask)[:, None] @ hidden.masked_fill(~text_BT1, 0))[:, 0]
        return pooled.masked_fill(~mask.any(dim=1, keepdim=True), 0)

    def weights(self, hidden: Hidden, mask: TokenMask) -> Tensor:
        """The weight of each position under `attentive`, (B, T); 0 for padding, and each row of text sums to 1."""
        assert self.query is not None
        scores_BT = hidden @ self.query  # in bfloat16 under autocast, whatever the states are in
        scores_BT = scores_BT.masked_fill(~mask, torch.finfo(scores_BT.dtype).min)
        return scores_BT.softmax(dim=1) * mask

    def flops(self, length: int) -> int:
        """Of one sequence of `length` tokens."""
        return 0 if self.query is None else 2 * 2 * length * len(self.query)


def _at(hidden: Hidden, places: Tensor) -> Pooled:
    """The hidden state of each row at its place; `places` is (B,)."""
    return hidden[torch.arange(len(hidden), device=hidden.device), places]


def natural_pooling(layout: Node) -> PoolingKind:
    """Where an encoder that sees both sides is best read as a whole: `first`, as BERT is, or else `mean`.

    It is `first` where attention without a window lets the first position see all others, in every branch.
    """
    return "first" if _first_sees_all(layout) else "mean"


def _first_sees_all(node: Node) -> bool:
    match node:
        case Atom():
            written = dict(node.options)
            return node.name == "attention" and written.get("window") is None and written.get("sees") != "past"
        case Repeat():
            return _first_sees_all(node.part)
        case Series():
            return any(map(_first_sees_all, node.parts))
        case Parallel():
            return all(map(_first_sees_all, node.branches))
