"""What turns hidden states into scores."""

import torch
from torch import nn

from tandem.core.shapes import Chosen, ClassScores, Hidden, Scores, TokenIds, TokenMask
from tandem.nn.pooling import Pooling, PoolingKind


class VocabularyHead(nn.Module):
    """Scores over the vocabulary for chosen positions, (N, D) to (N, V).

    `transform` puts BERT's linear layer, GELU and norm in front (Devlin et al. 2019). `tied` scores with the embedding
    matrix (Press and Wolf 2017) plus a bias of its own; the matrix then counts as embedding.
    """

    def __init__(self, embedding: nn.Embedding, *, tied: bool, transform: bool, epsilon: float) -> None:
        super().__init__()
        vocabulary, width = embedding.num_embeddings, embedding.embedding_dim
        self.transform = (
            nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width, eps=epsilon)) if transform else None
        )
        if self.transform is not None:
            nn.init.xavier_uniform_(self.transform[0].weight)  # type: ignore[arg-type]
            nn.init.zeros_(self.transform[0].bias)  # type: ignore[arg-type]
        self.decode = nn.Linear(width, vocabulary)
        nn.init.zeros_(self.decode.bias)
        if tied:
            self.decode.weight = embedding.weight
        else:
            nn.init.xavier_uniform_(self.decode.weight)

    def forward(self, chosen: Chosen) -> Scores:
        """Unnormalised scores of every token at every chosen position."""
        scores: Scores = self.decode(chosen if self.transform is None else self.transform(chosen))
        return scores

    def flops(self, positions: int) -> int:
        """Of scoring `positions` positions."""
        width = self.decode.in_features
        return 2 * positions * width * (self.decode.out_features + (width if self.transform is not None else 0))


class ClassHead(nn.Module):
    """Scores over classes for whole sequences, (B, T, D) to (B, K): pooling, dropout, and a linear layer.

    `transform` puts BERT's linear layer with tanh behind the pooling (Devlin et al. 2019). Behind it the weights of the
    classes start Glorot-uniform; without it they start as normal noise of deviation 1 / D, so that no class is likelier
    than another at first.
    """

    def __init__(
        self, width: int, *, classes: int, pooling: PoolingKind, transform: bool = True, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.pooling, self.dropout = Pooling(width, kind=pooling), nn.Dropout(dropout)
        self.dense = nn.Linear(width, width) if transform else None
        self.classes = nn.Linear(width, classes)
        if self.dense is None:
            # Small (Yang et al. 2021): a maximum over many positions is large in every unit, so that Xavier's weights
            # began at 2 to 5 nats in place of ln K.
            nn.init.normal_(self.classes.weight, std=1 / width)
        else:
            nn.init.xavier_uniform_(self.dense.weight)
            nn.init.zeros_(self.dense.bias)
            nn.init.xavier_uniform_(self.classes.weight)
        nn.init.zeros_(self.classes.bias)

    def forward(self, hidden: Hidden, mask: TokenMask) -> ClassScores:
        """Unnormalised scores of every class for every sequence."""
        pooled = self.pooling(hidden, mask)
        scores: ClassScores = self.classes(self.dropout(pooled if self.dense is None else self.dense(pooled).tanh()))
        return scores

    def flops(self, length: int) -> int:
        """Of scoring one sequence of `length` tokens."""
        width = self.classes.in_features
        layers = self.classes.out_features + (0 if self.dense is None else width)
        return self.pooling.flops(length) + 2 * width * layers


class ComparisonHead(nn.Module):
    """Scores over classes for two texts in one row, (B, T, D) to (B, K).

    Each text is pooled by itself, to u and to v. Behind `dropout` a linear layer with tanh reads u, v, |u - v| and
    u * v (Conneau et al. 2017, InferSent), and another one scores.
    """

    def __init__(self, width: int, *, classes: int, pooling: PoolingKind, dropout: float = 0.0) -> None:
        super().__init__()
        self.pooling, self.dropout = Pooling(width, kind=pooling), nn.Dropout(dropout)
        self.dense, self.classes = nn.Linear(4 * width, width), nn.Linear(width, classes)
        for layer in (self.dense, self.classes):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, hidden: Hidden, mask: TokenMask, segments: TokenIds) -> ClassScores:
        """Unnormalised scores of every class for every row, whose texts `segments` numbers 0 and 1."""
        u, v = (self.pooling(hidden, mask & (segments == text)) for text in (0, 1))
        compared = torch.cat([u, v, (u - v).abs(), u * v], dim=-1)
        scores: ClassScores = self.classes(self.dense(self.dropout(compared)).tanh())
        return scores

    def flops(self, length: int) -> int:
        """Of scoring one row of `length` tokens."""
        width = self.dense.out_features
        return 2 * self.pooling.flops(length) + 2 * width * (4 * width + self.classes.out_features)


class PretrainingHead(nn.Module):
    """BERT's two heads: `tokens` for chosen positions, which it is when called, and `pair` for whole rows."""

    def __init__(self, tokens: VocabularyHead, pair: ClassHead | ComparisonHead) -> None:
        super().__init__()
        self.tokens, self.pair = tokens, pair

    def forward(self, chosen: Chosen) -> Scores:
        """Unnormalised scores of every token at every chosen position."""
        scores: Scores = self.tokens(chosen)
        return scores
