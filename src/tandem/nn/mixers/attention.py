"""Multi-head self-attention, by torch's fast kernel or step by step with the weights in hand."""

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.choices import Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import AttentionWeights, Hidden, HiddenStep, TokenMask
from tandem.nn.mixers.base import Mixer
from tandem.nn.positions import distance_bias, rotated


class Cache(NamedTuple):
    """Keys and values of the tokens so far, each (B, H, T, E); only the window's where there is one."""

    keys: Tensor
    values: Tensor
    length: int


class Attention(Mixer):
    """Every position takes a weighted mean of values; weights are softmax(q k / sqrt(E)) in each of `heads` heads.

    `window` = n lets position t see t - n + 1 … t of the past, and as far to the right where both sides are seen.
    `relative` puts positions into the scores: `rotary` turns queries and keys by their position (Su et al. 2021),
    `distance` subtracts a slope times |i - j| (Press et al. 2022, ALiBi). The recipe's positions set it where the
    expression does not.

    Source: Vaswani et al. 2017, Attention is all you need.
    Sees: the past or both sides.
    Padding: gets no weight.
    State: keys and values of all tokens so far, or of the window.

    >>> Attention(8, sees="both", heads=2)(torch.zeros(2, 5, 8), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 8])
    """

    def __init__(
        self,
        width: int,
        sees: Sees,
        *,
        heads: int = 4,
        window: int | None = None,
        relative: Literal["none", "rotary", "distance"] = "none",
    ) -> None:
        super().__init__()
        if heads < 1 or width % heads:
            raise UsageError(f"attention: heads = {heads} must divide the width {width}")
        if relative == "rotary" and (width // heads) % 2:
            raise UsageError(f"attention: rotary positions need an even head width, not {width} / {heads}")
        if window is not None and window < 1:
            raise UsageError(f"attention: window = {window}: at least 1 position")
        self.sees, self.width, self.heads, self.window, self.relative = sees, width, heads, window, relative
        self.project = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        for rows in self.project.weight.detach().chunk(3):
            nn.init.xavier_uniform_(rows)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.project.bias)
        nn.init.zeros_(self.output.bias)

    def forward(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        q_BHTE, k_BHTE, v_BHTE = self._projected(hidden, start=0)
        bias = self._bias(q_BHTE, hidden.shape[1], mask)
        if q_BHTE.dtype is torch.bfloat16 and q_BHTE.device.type == "cpu":
            # torch 2.13's fast kernel takes 4 to 6 times as long in bfloat16 as this path on CPU (T = 32 and 128).
            mixed_BHTE = _weights(q_BHTE, k_BHTE, bias) @ v_BHTE
        else:
            mixed_BHTE = F.scaled_dot_product_attention(q_BHTE, k_BHTE, v_BHTE, attn_mask=bias)
        output: Hidden = self.output(mixed_BHTE.transpose(1, 2).flatten(2))
        return output

    def explicit(self, hidden: Hidden, mask: TokenMask) -> tuple[Hidden, AttentionWeights]:
        """The output (B, T, D) and the weights (B, H, T, T) it was mixed with; rows sum to 1."""
        q_BHTE, k_BHTE, v_BHTE = self._projected(hidden, start=0)
        weights_BHTT = _weights(q_BHTE, k_BHTE, self._bias(q_BHTE, hidden.shape[1], mask))
        return self.output((weights_BHTT @ v_BHTE).transpose(1, 2).flatten(2)), weights_BHTT

    def _projected(self, hidden: Hidden, *, start: int) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (B, H, T, E); the first token stands at position `start`."""
        q, k, v = self.project(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return (rotated(q, start), rotated(k, start), v) if self.relative == "rotary" else (q, k, v)

    def _bias(self, queries: Tensor, length: int, mask: TokenMask) -> Tensor | None:
        """What is added to the scores, broadcast to (B, H, T, T); None where nothing is hidden and nothing added."""
        places = torch.arange(length, device=queries.device)
        behind = places[:, None] - places[None, :]
        hidden_TT = torch.zeros(length, length, dtype=torch.bool, device=queries.device)
        if self.sees == "past":
            hidden_TT = behind < 0
        if self.window is not None:
            hidden_TT = hidden_TT | (behind.abs() >= self.window)
        bias = None
        if self.relative == "distance":
            bias = distance_bias(behind, self.heads).to(queries.dtype)[None]
        if self.sees == "past" or self.window is not None:
            bias = torch.zeros((), dtype=queries.dtype, device=queries.device) if bias is None else bias
            bias = bias.masked_fill(hidden_TT, -math.inf)
        # A real position of a model that sees the past never reaches the padding behind it.
        if self.sees == "both" and not bool(mask.all()):
            absent = ~mask[:, None, None, :] & ~torch.eye(length, dtype=torch.bool, device=mask.device)
            bias = torch.zeros((), dtype=queries.dtype, device=queries.device) if bias is None else bias
            bias = bias.masked_fill(absent, -math.inf)
        return bias if bias is None or bias.dim() == 4 else bias.expand(1, 1, length, length)

    def start(self, batch: int) -> Cache:
        empty = self.output.weight.new_zeros(batch, self.heads, 0, self.width // self.heads)
        return Cache(empty, empty, 0)

    def step(self, state: Cache, hidden: HiddenStep) -> tuple[Cache, HiddenStep]:
        q_BH1E, k_BH1E, v_BH1E = self._projected(hidden[:, None], start=state.length)
        keep = 0 if self.window is None else -self.window
        keys = torch.cat([state.keys, k_BH1E], dim=2)[:, :, keep:]
        values = torch.cat([state.values, v_BH1E], dim=2)[:, :, keep:]
        bias = None
        if self.relative == "distance":
            behind = torch.arange(keys.shape[2] - 1, -1, -1, device=hidden.device)[None, :]
            bias = distance_bias(behind, self.heads).to(q_BH1E.dtype)[None]
        mixed_BH1E = _weights(q_BH1E, keys, bias) @ values
        return Cache(keys, values, state.length + 1), self.output(mixed_BH1E.transpose(1, 2).flatten(1))

    def flops(self, length: int) -> int:
        projections = 2 * length * 4 * self.width * self.width
        return projections + 2 * 2 * self.width * self._pairs(length)

    def _pairs(self, length: int) -> int:
        """How many (query, key) pairs are visible in `length` tokens."""
        reach = length if self.window is None else min(self.window, length)
        past = reach * (reach + 1) // 2 + (length - reach) * reach
        return past if self.sees == "past" else 2 * past - length

    def state_bytes(self, length: int) -> int:
        return 4 * 2 * self.width * (length if self.window is None else min(self.window, length))


def _weights(queries: Tensor, keys: Tensor, bias: Tensor | None) -> Tensor:
    """softmax(q k / sqrt(E) + bias) over the keys, (B, H, T, S)."""
    scores_BHTS = queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])
    return (scores_BHTS if bias is None else scores_BHTS + bias).softmax(dim=-1)
