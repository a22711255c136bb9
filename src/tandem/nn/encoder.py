"""An expression compiled into a module: embedding, then the tree of blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tandem.core.choices import Activation, BlockStyle, Merge, PositionKind, Sees
from tandem.core.shapes import Hidden, Places, TokenIds, TokenMask
from tandem.nn.block import Block
from tandem.nn.both_ways import BothWays
from tandem.nn.compiler import Compiler, with_default_positions
from tandem.nn.defaults import Defaults
from tandem.nn.dropout import Dropout
from tandem.nn.layout import Node
from tandem.nn.mixers.base import Mixer
from tandem.nn.places import output_at, placed, spared_flops


def passed(body: nn.Module, hidden: Hidden, mask: TokenMask, read: Places | None) -> Tensor:
    """What a body makes of hidden states (B, T, D): (B, T, D), or (B, T, 2D) of one that reads both ways."""
    if read is not None:
        return placed(output_at(body, hidden, mask, read), read, mask.shape)
    output: Tensor = body(hidden, mask)
    return output


class Encoder(nn.Module):
    """Token ids (B, T) and their mask to hidden states (B, T, D), as an expression says.

    `positions`, `merge` and `block` hold where the expression writes none; `block` None leaves each mixer its own.
    A branch that begins with attention gets `positions` in front: for a repeated group, in front of its first turn.
    A branch with a written `positions` anywhere gets no other. `segments` is how many kinds of text a sequence may
    hold, each with a vector of its own that is added to its tokens' (Devlin et al. 2019).

    With `both_ways` a second body of the same expression, with its own weights, reads each text from its end, and the
    hidden states have 2D units: what the one body says, then what the other says.

    Raises:
        UsageError: an unknown mixer or option, or a width that a mixer cannot have.
    """

    def __init__(
        self,
        layout: Node,
        *,
        vocabulary: int,
        width: int,
        sees: Sees,
        max_length: int,
        positions: PositionKind = "none",
        merge: Merge = "sum",
        block: BlockStyle | None = None,
        feedforward: int | None = None,
        activation: Activation = "gelu",
        epsilon: float = 1e-5,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        segments: int = 0,
        both_ways: bool = False,
    ) -> None:
        super().__init__()
        self.width, self.layout = 2 * width if both_ways else width, layout
        self.defaults = Defaults(max_length, positions, feedforward, activation, epsilon, dropout)
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.dropout = Dropout(embedding_dropout)
        self.segments = nn.Embedding(segments, width) if segments else None
        if self.segments is not None:
            nn.init.normal_(self.segments.weight, std=0.02)
        make = partial(
            Block,
            width=width,
            feedforward=feedforward or 4 * width,
            activation=activation,
            epsilon=epsilon,
            dropout=dropout,
        )
        compiler = Compiler(
            make, width=width, sees=sees, max_length=max_length, merge=merge, block=block, epsilon=epsilon
        )
        tree = with_default_positions(layout, positions)
        self.body = BothWays(compiler.chain(tree), compiler.chain(tree)) if both_ways else compiler.chain(tree)
        # What `compile_training` puts another function in the place of.
        self.passed_in_training = passed
        self.flexible = [part for part in self.modules() if isinstance(part, Mixer) and part.sees == "both"]

    def forward(
        self, ids: TokenIds, mask: TokenMask, segments: TokenIds | None = None, *, read: Places | None = None
    ) -> Hidden:
        """The hidden states of the last layer, (B, T, D); what stands at padded positions has no meaning.

        `segments` (B, T) numbers the text that a token belongs to; where it is absent, all belong to the first. Where
        only some positions are `read`, by their numbers (N,) in the flattened grid, the last layer is worked out for
        these alone, and zeros stand at the others.
        """
        run = self.passed_in_training if self.training else passed
        return run(self.body, self.embedded(ids, segments), mask, read)

    @contextmanager
    def seeing(self, sees: Sees) -> Iterator[None]:
        """While this lasts, mixers that were built to see both sides see as `sees` says.

        So one set of weights can be a masked and a causal model (Dong et al. 2019, UniLM).
        """
        before = [(mixer, mixer.sees) for mixer in self.flexible]
        for mixer in self.flexible:
            mixer.sees = sees
        try:
            yield
        finally:
            for mixer, seen in before:
                mixer.sees = seen

    def start(self, batch: int) -> tuple[Any, ...]:
        """The state before the first token of `batch` sequences; only where every mixer sees the past.

        A state is nested tuples of tensors, each of which begins with the batch.
        """
        return self.body.start(batch)

    def extend(self, state: tuple[Any, ...], ids: TokenIds) -> tuple[tuple[Any, ...], Hidden]:
        """The next T tokens (B, T) of each sequence: the state after them and their hidden states (B, T, D)."""
        return self.body.extend(state, self.embedded(ids))

    def embedded(self, ids: TokenIds, segments: TokenIds | None = None) -> Hidden:
        """What the body reads, (B, T, D): the vectors of the tokens, and of their segments, and dropout."""
        vectors: Hidden = self.embedding(ids)
        if self.segments is not None:
            vectors = vectors + self.segments(torch.zeros_like(ids) if segments is None else segments)
        dropped: Hidden = self.dropout(vectors)
        return dropped

    def flops(self, length: int) -> int:
        """Of one forward pass over one sequence; looking up an embedding costs none."""
        return self.body.flops(length)

    def spared_flops(self, length: int) -> int:
        """What of `flops` is left undone where no position is read."""
        return spared_flops(self.body, length)
