"""Two texts compared word by word, each word with what answers to it in the other text."""

import math

import torch
from torch import Tensor, nn

from tandem.core.shapes import ClassScores, Hidden, TokenIds, TokenMask
from tandem.nn.pooling import Pooling, PoolingKind


class AlignmentHead(nn.Module):
    """Scores over classes for two texts in one row, (B, T, D) to (B, K).

    Every position looks for its like in the other text: the weights are a softmax of products of both, mapped by one
    linear layer, so that a word finds itself before anything is trained. Behind `dropout` a linear layer with ReLU
    reads h, what was found, their absolute difference and their product. Each text is pooled by itself, and a linear
    layer with tanh and another one score both (Parikh et al. 2016, decomposable attention; what is compared is from
    Chen et al. 2017, ESIM).
    """

    def __init__(self, width: int, *, classes: int, pooling: PoolingKind, dropout: float = 0.0) -> None:
        super().__init__()
        self.pooling, self.dropout = Pooling(width, kind=pooling), nn.Dropout(dropout)
        self.like = nn.Linear(width, width, bias=False)
        self.compare, self.dense = nn.Linear(4 * width, width), nn.Linear(2 * width, width)
        self.classes = nn.Linear(width, classes)
        for layer in (self.like, self.compare, self.classes):
            nn.init.xavier_uniform_(layer.weight)
        # Small, as in `ClassHead`: else the tanh is flat from the beginning.
        nn.init.normal_(self.dense.weight, std=1 / width)
        for layer in (self.compare, self.dense, self.classes):
            nn.init.zeros_(layer.bias)

    def forward(self, hidden: Hidden, mask: TokenMask, segments: TokenIds) -> ClassScores:
        """Unnormalised scores of every class for every row, whose texts `segments` numbers 0 and 1."""
        found = self.weights(hidden, mask, segments) @ hidden.masked_fill(~mask[:, :, None], 0)
        pairs = torch.cat([hidden, found, (hidden - found).abs(), hidden * found], dim=-1)
        compared = self.compare(self.dropout(pairs)).relu()
        u, v = (self.pooling(compared, mask & (segments == text)) for text in (0, 1))
        scores: ClassScores = self.classes(self.dense(self.dropout(torch.cat([u, v], dim=-1))).tanh())
        return scores

    def weights(self, hidden: Hidden, mask: TokenMask, segments: TokenIds) -> Tensor:
        """How far each position answers to each of the other text, (B, T, T); rows of text sum to 1.

        Rows are zeros where the other text has no position.
        """
        mapped = self.like(hidden)
        scores_BTT = (mapped @ mapped.transpose(1, 2) / math.sqrt(hidden.shape[-1])).float()
        other_BTT = mask[:, None, :] & mask[:, :, None] & (segments[:, None, :] != segments[:, :, None])
        weights = scores_BTT.masked_fill(~other_BTT, torch.finfo(scores_BTT.dtype).min).softmax(dim=-1)
        answers: Tensor = weights.masked_fill(~other_BTT, 0).to(hidden.dtype)
        return answers

    def flops(self, length: int) -> int:
        """Of scoring one row of `length` tokens."""
        width = self.dense.out_features
        each = 2 * width * width + 4 * length * width + 2 * 4 * width * width
        return length * each + 2 * self.pooling.flops(length) + 2 * width * (2 * width + self.classes.out_features)
