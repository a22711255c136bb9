"""What turns the hidden states of two texts into scores of the pair, or into one number."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.shapes import Hidden, Pooled, TokenIds, TokenMask
from tandem.nn.alignment_head import AlignmentHead
from tandem.nn.heads import ClassHead, ComparisonHead
from tandem.nn.pooling import Pooling, PoolingKind


class Scale(nn.Module):
    """The two `ends` (2,) between which a number lies: not trained, and saved with the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = nn.Parameter(torch.tensor([0.0, 1.0]), requires_grad=False)

    def value(self, shares: Tensor) -> Tensor:
        """The numbers that stand at `shares` (C,) of the way between the ends, or at the nearer end."""
        low, high = self.ends
        values: Tensor = low + (high - low) * shares.clamp(0, 1)
        return values


class SiameseHead(nn.Module):
    """Scores over classes for texts of which rows 2i and 2i + 1 are a pair, (2C, T, D) to (C, K).

    Each text is pooled, to u and to v. Behind `dropout` a linear layer reads u, v and |u - v| (Reimers and Gurevych
    2019), and with `product` u * v too (Conneau et al. 2017).
    """

    scale = None

    def __init__(self, width: int, *, classes: int, pooling: PoolingKind, product: bool, dropout: float) -> None:
        super().__init__()
        self.pooling, self.product, self.dropout = Pooling(width, kind=pooling), product, nn.Dropout(dropout)
        self.classes = nn.Linear((4 if product else 3) * width, classes)
        # Small, as in `ClassHead`: Xavier's weights began at 3.3 nats in place of ln 3 over a trained encoder.
        nn.init.normal_(self.classes.weight, std=1 / width)
        nn.init.zeros_(self.classes.bias)

    def forward(self, hidden: Hidden, mask: TokenMask) -> Tensor:
        """Unnormalised scores of every class for every pair."""
        return self.scored(self.pooling(hidden, mask))

    def scored(self, vectors: Pooled) -> Tensor:
        """The same for texts that are pooled already, (2C, D) to (C, K)."""
        u, v = vectors[0::2], vectors[1::2]
        compared = torch.cat([u, v, (u - v).abs(), *([u * v] if self.product else [])], dim=-1)
        scores: Tensor = self.classes(self.dropout(compared))
        return scores

    def flops(self, length: int) -> int:
        """Of one text of `length` tokens, half a pair."""
        return self.pooling.flops(length) + self.classes.in_features * self.classes.out_features


class CosineHead(nn.Module):
    """The cosine of the vectors of two texts, of which rows 2i and 2i + 1 are a pair: (2C, T, D) to (C,)."""

    def __init__(self, width: int, *, pooling: PoolingKind) -> None:
        super().__init__()
        self.pooling, self.scale, self.width = Pooling(width, kind=pooling), Scale(), width

    def forward(self, hidden: Hidden, mask: TokenMask) -> Tensor:
        """From -1 to 1 for each pair; 0 and 1 stand for the ends of the scale."""
        return self.scored(self.pooling(hidden, mask))

    def scored(self, vectors: Pooled) -> Tensor:
        """The same for texts that are pooled already, (2C, D) to (C,)."""
        wide = vectors.float()
        return F.cosine_similarity(wide[0::2], wide[1::2], dim=-1)

    def flops(self, length: int) -> int:
        """Of one text of `length` tokens, half a pair: three products of vectors are a cosine."""
        return self.pooling.flops(length) + 3 * self.width


RowHead = ClassHead | ComparisonHead | AlignmentHead


class CrossHead(nn.Module):
    """Scores over classes for two texts in one row, (C, T, D) to (C, K); without classes one number, (C,).

    `inner` scores: the row pooled as one (`ClassHead`), the texts compared as wholes (`ComparisonHead`) or word by word
    (`AlignmentHead`). The number is the sigmoid of a score.
    """

    def __init__(self, width: int, *, inner: type[RowHead], classes: int, pooling: PoolingKind, dropout: float) -> None:
        super().__init__()
        self.scale = None if classes else Scale()
        self.inner = inner(width, classes=classes or 1, pooling=pooling, dropout=dropout)

    def forward(self, hidden: Hidden, mask: TokenMask, segments: TokenIds) -> Tensor:
        """Unnormalised scores of every class; or from 0 to 1, which stand for the ends of the scale."""
        inner = self.inner
        scores: Tensor = inner(hidden, mask) if isinstance(inner, ClassHead) else inner(hidden, mask, segments)
        return scores if self.scale is None else scores.float()[:, 0].sigmoid()

    def flops(self, length: int) -> int:
        """Of one row of `length` tokens."""
        return self.inner.flops(length)
