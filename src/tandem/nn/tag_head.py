"""What turns the hidden state of a word into scores of its tags, with the word's spelling where that is wanted."""

import torch
from torch import nn
from torch.nn import functional as F

from tandem.core.shapes import Chosen, Letters, TagScores

LETTER_WIDTH = 32
WINDOW = 3


class Spelt(nn.Module):
    """A word as its letters tell it, (N, L) to (N, filters): a convolution over them, and the largest of each filter.

    Number 0 is no letter; a word without any gets zeros. Source: Ma and Hovy 2016, with 32 units in place of 30 for a
    letter, and a rectifier behind the largest.
    """

    def __init__(self, letters: int, *, filters: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(letters, LETTER_WIDTH, padding_idx=0)
        self.convolution = nn.Conv1d(LETTER_WIDTH, filters, WINDOW, padding=WINDOW // 2)
        nn.init.uniform_(self.embedding.weight, -((3 / LETTER_WIDTH) ** 0.5), (3 / LETTER_WIDTH) ** 0.5)
        nn.init.zeros_(self.embedding.weight[0])
        nn.init.xavier_uniform_(self.convolution.weight)
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]

    def forward(self, letters: Letters) -> Chosen:
        """One vector for each word."""
        found_NFL = self.convolution(self.embedding(letters).transpose(1, 2))
        largest: Chosen = found_NFL.masked_fill((letters == 0)[:, None, :], -torch.inf).amax(dim=-1)
        return F.relu(largest)

    def flops(self, length: int) -> int:
        """Of one word of `length` letters."""
        return 2 * length * WINDOW * LETTER_WIDTH * self.convolution.out_channels


class TagHead(nn.Module):
    """Scores over tags for chosen positions, (N, D) to (N, K): dropout and a linear layer.

    With `letters` and `filters` what the spelling of each word tells stands beside its hidden state.
    """

    def __init__(self, width: int, *, tags: int, dropout: float, letters: int = 0, filters: int = 0) -> None:
        super().__init__()
        self.spelt = Spelt(letters, filters=filters) if filters else None
        self.dropout, self.tags = nn.Dropout(dropout), nn.Linear(width + filters, tags)
        nn.init.xavier_uniform_(self.tags.weight)
        nn.init.zeros_(self.tags.bias)

    def forward(self, chosen: Chosen, letters: Letters | None = None) -> TagScores:
        """Unnormalised scores of every tag at every chosen position; a head that reads spelling needs `letters`."""
        if self.spelt is not None:
            assert letters is not None
            chosen = torch.cat([chosen, self.spelt(letters)], dim=-1)
        scores: TagScores = self.tags(self.dropout(chosen))
        return scores

    def flops(self, words: int, *, letters: int) -> int:
        """Of scoring `words` words of `letters` letters."""
        spelling = 0 if self.spelt is None else self.spelt.flops(letters)
        return words * (spelling + 2 * self.tags.in_features * self.tags.out_features)
