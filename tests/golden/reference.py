"""The three models of the founding notebook in NumPy and double precision, written from the papers' formulas.

Embedding: `words` (V, D). Attention, Vaswani et al. 2017: softmax(q kᵀ / sqrt(E)) v in each head, with biases; norm
after the residual sum. LSTM, Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000:
c = f c' + i tanh(...), h = o tanh(c). Every matrix maps a row vector from the right, (inputs, outputs), as in Keras.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Dense:
    matrix: Array
    bias: Array

    def __call__(self, inputs: Array) -> Array:
        return inputs @ self.matrix + self.bias


@dataclass(frozen=True)
class Norm:
    scale: Array
    shift: Array

    def __call__(self, inputs: Array) -> Array:
        centred = inputs - inputs.mean(axis=-1, keepdims=True)
        return self.scale * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-6) + self.shift


@dataclass(frozen=True)
class AttentionLayer:
    query: Dense
    key: Dense
    value: Dense
    output: Dense
    norm_mix: Norm
    expand: Dense
    contract: Dense
    norm_feed: Norm

    def __call__(self, row: Array, *, heads: int) -> Array:
        """One text without padding, (T, D)."""
        each = row.shape[1] // heads
        mixed = np.zeros_like(row)
        for head in range(heads):
            part = slice(head * each, (head + 1) * each)
            query, key, value = (dense(row)[:, part] for dense in (self.query, self.key, self.value))
            mixed[:, part] = softmax(query @ key.T / np.sqrt(each)) @ value
        row = self.norm_mix(row + self.output(mixed))
        return self.norm_feed(row + self.contract(np.maximum(0.0, self.expand(row))))


@dataclass(frozen=True)
class Gate:
    inputs: Array
    recurrent: Array
    bias: Array

    def __call__(self, word: Array, hidden: Array) -> Array:
        return word @ self.inputs + hidden @ self.recurrent + self.bias


@dataclass(frozen=True)
class LstmLayer:
    let_in: Gate
    forget: Gate
    candidate: Gate
    let_out: Gate

    def __call__(self, row: Array) -> Array:
        """One text from left to right, (T, D)."""
        hidden = cell = np.zeros(row.shape[1])
        outputs = []
        for word in row:
            candidate = np.tanh(self.candidate(word, hidden))
            kept = sigmoid(self.forget(word, hidden)) * cell
            cell, out = kept + sigmoid(self.let_in(word, hidden)) * candidate, sigmoid(self.let_out(word, hidden))
            hidden = out * np.tanh(cell)
            outputs.append(hidden)
        return np.array(outputs)


@dataclass(frozen=True)
class Notebook:
    """`attention` without `lstms` is BERT, `lstms` without `attention` the LSTM, and both the sum of the two."""

    words: Array
    head: Dense
    places: Array | None = None
    attention: AttentionLayer | None = None
    lstms: tuple[LstmLayer, ...] = ()

    def __call__(self, ids: list[int]) -> Array:
        """Log-probabilities of every token at every position of one text, (T, V)."""
        embedded = self.words[ids]
        total = np.zeros_like(embedded)
        if self.attention is not None and self.places is not None:
            total = total + self.attention(embedded + self.places[: len(ids)], heads=8)
        if self.lstms:
            row = embedded
            for layer in self.lstms:
                row = layer(row)
            total = total + row
        return np.log(softmax(self.head(total)))


def position_table(length: int, width: int) -> Array:
    """What the trained positions start from: sinusoids, whose row 0 the notebook sets to zero."""
    table = np.zeros((length, width))
    for place in range(1, length):
        for unit in range(width):
            angle = place / 10_000 ** (2 * (unit // 2) / width)
            table[place, unit] = np.cos(angle) if unit % 2 else np.sin(angle)
    return table


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))
