"""A decoder and the scores of its next token: the head of a model that translates."""

from typing import Any

import torch
from torch import Tensor, nn

from tandem.core.shapes import Memory, MemoryMask, Places, RowIds, Scores, TargetIds
from tandem.nn.decoders.base import Decoder
from tandem.nn.heads import VocabularyHead


class TranslationHead(nn.Module):
    """Reads a memory (B, S, D) and target ids (B, T), and scores what follows each of them.

    `tied` scores with the decoder's embedding, which may be the encoder's too (Press and Wolf 2017).
    """

    def __init__(self, decoder: Decoder, *, tied: bool, epsilon: float) -> None:
        super().__init__()
        self.decoder = decoder
        self.scores = VocabularyHead(decoder.embedding, tied=tied, transform=False, epsilon=epsilon)

    def forward(self, memory: Memory, mask: MemoryMask, ids: TargetIds, places: Places) -> Scores:
        """Unnormalised scores of every token behind the `places` of the flattened B·T grid, (N, V)."""
        states: Tensor = self.decoder(memory, mask, ids)
        scores: Scores = self.scores(states.flatten(0, 1)[places])
        return scores

    def start(self, memory: Memory, mask: MemoryMask) -> Any:
        """The state before the first id, as the decoder's."""
        return self.decoder.start(memory, mask)

    def step(self, state: Any, ids: RowIds) -> tuple[Any, Scores]:
        """The next id (B,) of each target: the state behind it, and scores of what follows it, (B, V)."""
        state, hidden = self.decoder.step(state, ids)
        return state, self.scores(hidden)

    @torch.no_grad()
    def guessed(self, memory: Memory, mask: MemoryMask, ids: TargetIds, gold: Tensor) -> TargetIds:
        """`ids` with the likeliest guess in the place of each id behind the first where `gold` (B, T) is false.

        A guess is made from what stands before it, other guesses included (Bengio et al. 2015, scheduled sampling).
        """
        state, chosen = self.start(memory, mask), [ids[:, 0]]
        for place in range(1, ids.shape[1]):
            state, scores = self.step(state, chosen[-1])
            chosen.append(torch.where(gold[:, place], ids[:, place], scores.argmax(dim=-1)))
        return torch.stack(chosen, dim=1)

    def flops(self, length: int) -> int:
        """Of a source and a target of `length` tokens each."""
        return self.decoder.flops(length) + self.scores.flops(length)
