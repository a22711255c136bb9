"""The decoder of the Transformer."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tandem.core.choices import PositionKind
from tandem.core.shapes import Alignment, HeadVectors, HiddenStep, Memory, MemoryMask, RowIds, Target, TargetIds
from tandem.nn.cross_attention import CrossAttention
from tandem.nn.decoders.base import Decoder
from tandem.nn.defaults import Defaults
from tandem.nn.dropout import Dropout
from tandem.nn.feedforward import FeedForward
from tandem.nn.mixers.attention import Attention, Cache
from tandem.nn.positions import RELATIVE, Positions


class Source(NamedTuple):
    """Keys and values (B, H, S, E) of the memory under one layer."""

    keys: HeadVectors
    values: HeadVectors


class Written(NamedTuple):
    """What was written so far, as each layer keeps it, the source as each layer reads it, its mask, and the place."""

    caches: tuple[Cache, ...]
    sources: tuple[Source, ...]
    mask: Tensor
    place: Tensor


class Layer(nn.Module):
    """x + attend(norm x) to the target so far, then x + look(norm x) to the source, then x + feed(norm x)."""

    def __init__(self, width: int, defaults: Defaults, *, heads: int, relative: Any) -> None:
        super().__init__()
        self.attend = Attention(width, "past", heads=heads, relative=relative)
        self.look = CrossAttention(width, heads=heads)
        inner, activation = defaults.feedforward or 4 * width, defaults.activation
        self.feed = FeedForward(width, inner=inner, activation=activation)
        self.norm_attend, self.norm_look, self.norm_feed = (
            nn.LayerNorm(width, eps=defaults.epsilon) for _ in range(3)
        )  # fmt: skip
        self.dropout = Dropout(defaults.dropout)

    def extend(
        self, cache: Cache | None, hidden: Target, source: Source, mask: MemoryMask
    ) -> tuple[Cache | None, Target]:
        """The next tokens (B, T, D): the cache behind them and their outputs. Without a cache they are the first."""
        normed = self.norm_attend(hidden)
        if cache is None:
            attended = self.attend(normed, torch.ones(normed.shape[:2], dtype=torch.bool, device=normed.device))
        else:
            cache, attended = self.attend.extend(cache, normed)
        hidden = hidden + self.dropout(attended)
        hidden = hidden + self.dropout(self.look(self.norm_look(hidden), source.keys, source.values, mask))
        return cache, hidden + self.dropout(self.feed(self.norm_feed(hidden)))

    def flops(self, length: int) -> int:
        """Of a source and a target of `length` tokens each."""
        return self.attend.flops(length) + self.look.flops(length) + self.feed.flops(length)


class Transformer(Decoder):
    """Layers of attention to the target so far and to the source, with pre-norm and `heads` heads.

    `positions` are the recipe's unless written: `rotary` and `distance` inside attention to the target, the other kinds
    added to the embedding. Attention to the source knows only those places that the encoder has told the memory.

    Source: Vaswani et al. 2017, Attention is all you need; Xiong et al. 2020 (pre-norm).
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        layers: int,
        defaults: Defaults,
        *,
        heads: int = 4,
        positions: PositionKind | None = None,
    ) -> None:
        super().__init__()
        width, kind = embedding.embedding_dim, positions or defaults.positions
        self.embedding = embedding
        relative = kind if kind in RELATIVE else "none"
        added = kind not in (*RELATIVE, "none")
        self.positions = Positions(width, kind=kind, max_length=defaults.max_length) if added else None
        self.layers = nn.ModuleList(Layer(width, defaults, heads=heads, relative=relative) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=defaults.epsilon)
        self.dropout = Dropout(defaults.dropout)

    def forward(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> Target:
        states: Target = self.norm(self._states(memory, mask, ids)[-1])
        return states

    def start(self, memory: Memory, mask: MemoryMask) -> Written:
        batch, layers = len(memory), self._layers
        place = torch.zeros(batch, dtype=torch.int64, device=memory.device)
        caches = tuple(layer.attend.start(batch) for layer in layers)
        return Written(caches, tuple(Source(*layer.look.read(memory)) for layer in layers), mask, place)

    def step(self, state: Written, ids: RowIds) -> tuple[Written, HiddenStep]:
        hidden, place, caches = self.embedding(ids[:, None]), state.place, []
        if self.positions is not None:
            place, hidden = self.positions.extend(place, hidden)
        hidden = self.dropout(hidden)
        for layer, cache, source in zip(self._layers, state.caches, state.sources, strict=True):
            after, hidden = layer.extend(cache, hidden, source, state.mask)
            assert after is not None
            caches.append(after)
        return state._replace(caches=tuple(caches), place=place), self.norm(hidden)[:, 0]

    def alignments(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> list[Alignment]:
        found = []
        for layer, before in zip(self._layers, self._states(memory, mask, ids)[:-1], strict=True):
            everything = torch.ones(ids.shape, dtype=torch.bool, device=ids.device)
            hidden = before + layer.attend(layer.norm_attend(before), everything)
            keys, _ = layer.look.read(memory)
            found.append(layer.look.weights(layer.norm_look(hidden), keys, mask).mean(dim=1))
        return found

    @property
    def _layers(self) -> list[Layer]:
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def _states(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> list[Target]:
        """What the first layer reads, and what each layer gives."""
        vectors = self.embedding(ids)
        states = [self.dropout(vectors if self.positions is None else self.positions(vectors))]
        for layer in self._layers:
            states.append(layer.extend(None, states[-1], Source(*layer.look.read(memory)), mask)[1])
        return states

    def flops(self, length: int) -> int:
        return sum(layer.flops(length) for layer in self._layers)
