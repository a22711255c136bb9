"""Multi-head attention from one sequence to another."""

from torch import Tensor, nn

from tandem.core.errors import UsageError
from tandem.core.shapes import CrossWeights, HeadVectors, Memory, MemoryMask, Target
from tandem.nn.mixers.attention import softmax_weights


class CrossAttention(nn.Module):
    """Every state of the target takes a weighted mean of values of the source, in each of `heads` heads.

    Source: Vaswani et al. 2017, Attention is all you need, section 3.2.3.
    """

    def __init__(self, width: int, *, heads: int) -> None:
        super().__init__()
        if heads < 1 or width % heads:
            raise UsageError(f"decoder: heads = {heads} must divide the width {width}")
        self.width, self.heads = width, heads
        self.query, self.output = nn.Linear(width, width), nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        for rows in (self.query.weight, self.output.weight, *self.key_value.weight.detach().chunk(2)):
            nn.init.xavier_uniform_(rows)
        for layer in (self.query, self.output, self.key_value):
            nn.init.zeros_(layer.bias)

    def read(self, memory: Memory) -> tuple[HeadVectors, HeadVectors]:
        """Keys and values (B, H, S, E): made once for each source."""
        keys, values = self.key_value(memory).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return keys, values

    def forward(self, states: Target, keys: HeadVectors, values: HeadVectors, mask: MemoryMask) -> Target:
        """What states (B, T, D) take from the source, (B, T, D)."""
        # Torch's fast kernel is no faster here: a sentence has few tokens, and in bfloat16 a CPU takes longer with it.
        mixed_BHTE = self.weights(states, keys, mask) @ values
        output: Target = self.output(mixed_BHTE.transpose(1, 2).flatten(2))
        return output

    def weights(self, states: Target, keys: HeadVectors, mask: MemoryMask) -> CrossWeights:
        """How much of each source token every state takes in, (B, H, T, S); rows sum to 1."""
        queries_BHTE: Tensor = self.query(states).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        padding = queries_BHTE.new_zeros(mask.shape).masked_fill(~mask, -float("inf"))
        return softmax_weights(queries_BHTE, keys, padding[:, None, None])

    def flops(self, length: int) -> int:
        """Of `length` states over a source of `length` tokens."""
        return 2 * length * self.width * (4 * self.width + 2 * length)
