"""What turns hidden states into scores."""

from torch import nn

from tandem.core.shapes import Chosen, Scores


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
