"""Multi-head self-attention, by torch's fast kernel or step by step with the weights in hand."""

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.choices import Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import AttentionWeights, ChosenRow, Hidden, Places, TokenMask
from tandem.nn.mixers.base import Mixer
from tandem.nn.places import picked
from tandem.nn.positions import distance_bias, rotated


class Cache(NamedTuple):
    """Keys and values (B, H, S, E) of what the next token may see, and how many tokens were read (B,)."""

    keys: Tensor
    values: Tensor
    length: Tensor


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
        output: Hidden = self.output(self._mixed(hidden, mask))
        return output

    def at(self, hidden: Hidden, mask: TokenMask, places: Places) -> ChosenRow:
        """What `forward` gives at `places` of the flattened grid, as one row (1, N, D)."""
        row: ChosenRow = self.output(picked(self._mixed(hidden, mask), places))
        return row

    def _mixed(self, hidden: Hidden, mask: TokenMask) -> Hidden:
        """The weighted means of all heads side by side."""
        q_BHTE, k_BHTE, v_BHTE = self._projected(hidden, start=0)
        if q_BHTE.dtype is torch.bfloat16 and q_BHTE.device.type == "cpu":
            # torch 2.13's fast kernel takes 4 to 6 times as long in bfloat16 as this path on CPU (T = 32 and 128).
            mixed_BHTE = softmax_weights(q_BHTE, k_BHTE, self._bias(q_BHTE, k_BHTE, mask)) @ v_BHTE
        elif self.sees == "past" and self.window is None and self.relative != "distance":
            # The kernel leaves out what a bias would hide: 0.7 of the time for 1,024 tokens on a CPU.
            mixed_BHTE = F.scaled_dot_product_attention(q_BHTE, k_BHTE, v_BHTE, is_causal=True)
        else:
            bias = self._bias(q_BHTE, k_BHTE, mask)
            mixed_BHTE = F.scaled_dot_product_attention(q_BHTE, k_BHTE, v_BHTE, attn_mask=bias)
        return mixed_BHTE.transpose(1, 2).flatten(2)

    def explicit(self, hidden: Hidden, mask: TokenMask) -> tuple[Hidden, AttentionWeights]:
        """The output (B, T, D) and the weights (B, H, T, T) it was mixed with; rows sum to 1."""
        q_BHTE, k_BHTE, v_BHTE = self._projected(hidden, start=0)
        weights_BHTT = softmax_weights(q_BHTE, k_BHTE, self._bias(q_BHTE, k_BHTE, mask))
        return self.output((weights_BHTT @ v_BHTE).transpose(1, 2).flatten(2)), weights_BHTT

    def _projected(self, hidden: Hidden, *, start: int | Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (B, H, T, E); the first token stands at position `start`."""
        q, k, v = self.project(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return (rotated(q, start), rotated(k, start), v) if self.relative == "rotary" else (q, k, v)

    def _bias(self, queries: Tensor, keys: Tensor, mask: TokenMask | None) -> Tensor | None:
        """What is added to the scores, broadcast to (B, H, T, S); None where nothing is hidden and nothing added.

        The T queries stand at the last of the S places of the keys; without a `mask` every place holds text.
        """
        bias = None
        if self.sees == "past" or self.window is not None or self.relative == "distance":
            length, reach = queries.shape[2], keys.shape[2]
            places = torch.arange(reach, device=queries.device)
            behind_TS = places[reach - length :, None] - places[None, :]
            bias = queries.new_zeros(1, 1, length, reach)
            if self.relative == "distance":
                bias = distance_bias(behind_TS, self.heads).to(queries.dtype)[None]
            if self.sees == "past":
                bias = bias.masked_fill(behind_TS < 0, -math.inf)
            if self.window is not None:
                bias = bias.masked_fill(behind_TS.abs() >= self.window, -math.inf)
        # A real position of a model that sees the past never reaches the padding behind it.
        if mask is not None and self.sees == "both" and _may_hold_padding(mask):
            # Finite, so that a position that sees nothing but padding has weights too.
            lowest = torch.finfo(queries.dtype).min
            absent = queries.new_zeros(mask.shape).masked_fill(~mask, lowest)[:, None, None]
            bias = absent if bias is None else bias + absent
        return bias

    def start(self, batch: int) -> Cache:
        empty = self.output.weight.new_zeros(batch, self.heads, 0, self.width // self.heads)
        return Cache(empty, empty, torch.zeros(batch, dtype=torch.int64, device=empty.device))

    def extend(self, state: Cache, hidden: Hidden) -> tuple[Cache, Hidden]:
        q_BHTE, k_BHTE, v_BHTE = self._projected(hidden, start=state.length[0])
        keys = torch.cat([state.keys, k_BHTE], dim=2)
        values = torch.cat([state.values, v_BHTE], dim=2)
        mixed_BHTE = softmax_weights(q_BHTE, keys, self._bias(q_BHTE, keys, None)) @ values
        # The next token sees itself and window - 1 before it.
        first = 0 if self.window is None else max(0, keys.shape[2] - self.window + 1)
        after = Cache(keys[:, :, first:], values[:, :, first:], state.length + hidden.shape[1])
        return after, self.output(mixed_BHTE.transpose(1, 2).flatten(2))

    def flops(self, length: int) -> int:
        projections = 2 * length * 4 * self.width * self.width
        return projections + 2 * 2 * self.width * self._pairs(length)

    def spared_flops(self, length: int) -> int:
        """What of `flops` `at` leaves undone where there are no places."""
        return 2 * length * self.width * self.width

    def _pairs(self, length: int) -> int:
        """How many (query, key) pairs are visible in `length` tokens."""
        reach = length if self.window is None else min(self.window, length)
        past = reach * (reach + 1) // 2 + (length - reach) * reach
        return past if self.sees == "past" else 2 * past - length

    def state_bytes(self, length: int) -> int:
        return 4 * 2 * self.width * (length if self.window is None else min(self.window - 1, length))


def _may_hold_padding(mask: TokenMask) -> bool:
    """Whether keys must be hidden; a look at the mask is free on a CPU alone.

    A GPU would be waited for in every layer, and a compiled graph would break there.
    """
    return mask.device.type != "cpu" or torch.compiler.is_compiling() or not bool(mask.all())


def softmax_weights(queries: Tensor, keys: Tensor, bias: Tensor | None) -> Tensor:
    """softmax(q k / sqrt(E) + bias) over the keys, (B, H, T, S)."""
    scores_BHTS = queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])
    return (scores_BHTS if bias is None else scores_BHTS + bias).softmax(dim=-1)
