"""Recurrent decoders, with attention and without."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from tandem.core.shapes import Alignment as Weights
from tandem.core.shapes import HiddenStep, Memory, MemoryMask, RowIds, Target, TargetIds
from tandem.nn.alignment import Alignment
from tandem.nn.decoders.base import Decoder
from tandem.nn.defaults import Defaults
from tandem.nn.dropout import Dropout
from tandem.nn.pooling import Pooling
from tandem.nn.recurrence import Recurrence

KERNELS: dict[str, tuple[type[nn.RNNBase], int, int]] = {"gru": (nn.GRU, 3, 1), "lstm": (nn.LSTM, 4, 2)}
"""Torch's kernel of a cell, its gates, and how many vectors its state has."""


class Reading(NamedTuple):
    """The state of each layer's cell, the last output (B, D), and the source: memory, its keys, its mask."""

    cells: tuple[tuple[Tensor, ...], ...]
    output: Tensor
    memory: Tensor
    keys: Tensor
    mask: Tensor


class Recurrent(Decoder):
    """Layers of GRU or LSTM cells over the target, which `attention` joins with the source.

    `additive`: the state before a token looks at the memory, and what it sees goes into the cell beside the token
    (Bahdanau et al. 2015, without their maxout). `dot` and `general`: the state behind a token looks (Luong et al.
    2015). In all of them the output is tanh(W [state; what it saw]). `none`: the source is known by the first state
    alone, as in Cho et al. 2014. With `feed` the cell reads the last output too (Luong's input feeding).

    The first state is tanh(W [h_last; h_first]) of the memory's last and first real position: the last states of both
    directions of a recurrent encoder, and just these two positions of another one.

    Source: Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        layers: int,
        defaults: Defaults,
        *,
        cell: Literal["gru", "lstm"] = "gru",
        attention: Literal["none", "additive", "dot", "general"] = "additive",
        feed: bool = False,
    ) -> None:
        super().__init__()
        width = embedding.embedding_dim
        self.embedding, self.width, self.feed, self.looks_first = embedding, width, feed, attention == "additive"
        kernel, gates, self.vectors = KERNELS[cell]
        self.first, self.last = Pooling(width, kind="first"), Pooling(width, kind="last")
        self.begin = _linear(2 * width, layers * self.vectors * width)
        inputs = 1 + self.looks_first + feed
        self.join = _linear(inputs * width, width) if inputs > 1 else None
        self.cells = nn.ModuleList(
            Recurrence(kernel, width, sees="past", gates=gates)  # type: ignore[arg-type]
            for _ in range(layers)
        )
        self.alignment = None if attention == "none" else Alignment(width, score=attention)
        self.output = None if attention == "none" else _linear(2 * width, width)
        self.dropout = Dropout(defaults.dropout)

    def forward(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> Target:
        return self._read(memory, mask, ids)[0]

    def start(self, memory: Memory, mask: MemoryMask) -> Reading:
        ends_B2D = torch.cat([self.last(memory, mask), self.first(memory, mask)], dim=-1)
        first = self.begin(ends_B2D).tanh().unflatten(-1, (len(self.cells), self.vectors, self.width))
        cells = tuple(layer.unbind(dim=1) for layer in first.unbind(dim=1))
        keys = memory if self.alignment is None else self.alignment.keys(memory)
        return Reading(cells, torch.zeros_like(memory[:, 0]), memory, keys, mask)

    def step(self, state: Reading, ids: RowIds) -> tuple[Reading, HiddenStep]:
        state, output, _ = self._extend(state, self.dropout(self.embedding(ids[:, None])))
        return state, output[:, 0]

    def alignments(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> list[Weights]:
        return [] if self.alignment is None else [self._read(memory, mask, ids)[1]]

    def _read(self, memory: Memory, mask: MemoryMask, ids: TargetIds) -> tuple[Target, Weights]:
        """The outputs (B, T, D) of all ids, and their weights (B, T, S): token by token where one waits for another."""
        state, vectors = self.start(memory, mask), self.dropout(self.embedding(ids))
        outputs, weights = [], []
        for piece in [vectors] if self.join is None else vectors.split(1, dim=1):
            state, output, weight = self._extend(state, piece)
            outputs.append(output)
            weights.append(weight)
        return torch.cat(outputs, dim=1), torch.cat(weights, dim=1)

    def _extend(self, state: Reading, vectors: Target) -> tuple[Reading, Target, Weights]:
        """The next tokens, whose vectors are (B, T, D); T is 1 where the cell reads more than these."""
        seen, weights = vectors, vectors.new_zeros(*vectors.shape[:2], state.mask.shape[1])
        inputs = [vectors]
        if self.looks_first:
            seen, weights = self._look(state.cells[-1][0][:, None], state)
            inputs.append(seen)
        if self.feed:
            inputs.append(state.output[:, None])
        hidden = vectors if self.join is None else self.join(torch.cat(inputs, dim=-1))
        cells = []
        for number, (cell, before) in enumerate(zip(self.cells, state.cells, strict=True)):
            after, hidden = cell.extend(before, self.dropout(hidden) if number else hidden)  # type: ignore[operator]
            cells.append(after)
        if self.alignment is not None and not self.looks_first:
            seen, weights = self._look(hidden, state)
        output = hidden if self.output is None else self.output(torch.cat([hidden, seen], dim=-1)).tanh()
        return state._replace(cells=tuple(cells), output=output[:, -1]), self.dropout(output), weights

    def _look(self, queries: Target, state: Reading) -> tuple[Target, Weights]:
        """What states (B, T, D) see of the memory, and how much of each token they take in."""
        assert self.alignment is not None
        weights_BTS = self.alignment(queries, state.keys, state.mask)
        return weights_BTS @ state.memory, weights_BTS

    def flops(self, length: int) -> int:
        linear = [layer for layer in (self.join, self.output) if layer is not None]
        maps = 2 * length * sum(layer.in_features * layer.out_features for layer in linear)
        begin = 2 * self.begin.in_features * self.begin.out_features
        looks = 0 if self.alignment is None else self.alignment.flops(length)
        return begin + maps + looks + sum(cell.flops(length) for cell in self.cells)  # type: ignore[operator]


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
