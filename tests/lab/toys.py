"""Models whose every probability is known, and small random ones."""

from typing import Any

import torch
from torch import Tensor

from tandem.core.parts import load_class
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer, train_tokenizer

LETTERS = train_tokenizer(["a a a b b c"], kind="words", size=9, boundaries=True)
"""The words a, b and c, and one that stands for all others."""
PIECES = train_tokenizer(["low lower lowest new newer wide"] * 4, kind="wordpiece", size=24)
"""Of few words, so that words have several tokens."""
SPACED = train_tokenizer(["low lower lowest new newer wide"] * 4, kind="bpe", size=270)
"""A token holds the space in front of its word."""


def objective(name: str, tokenizer: Tokenizer, **options: Any) -> Objective:
    return load_class("tandem.objectives", name, Objective)(tokenizer, **options)


def bigrams(seed: int = 0) -> Tensor:
    """P(next | current) for all pairs of letters, (V, V), special tokens included."""
    drawn = torch.rand(LETTERS.size, LETTERS.size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn / drawn.sum(dim=-1, keepdim=True)


def told_from_one(table: Tensor) -> Model:
    """A model that says P(next | current) = `table` (V, V) at every position, by weights set by hand."""
    vocabulary = len(table)
    encoder = Encoder(parse("positions[kind=none]"), vocabulary=vocabulary, width=vocabulary, sees="past", max_length=8)
    head = VocabularyHead(encoder.embedding, tied=False, transform=False, epsilon=1e-5)
    model = Model(encoder, head).double()
    with torch.no_grad():
        encoder.embedding.weight.copy_(torch.eye(vocabulary))
        head.decode.weight.copy_(table.log().T)
    return model


def random_model(of: Objective, expression: str, *, seed: int = 0, width: int = 8, **options: Any) -> Model:
    """A model of double precision with weights large enough that every input matters."""
    torch.manual_seed(seed)
    encoder = Encoder(
        parse(expression), vocabulary=of.tokenizer.size, width=width, sees=of.sees, segments=of.segments,
        both_ways=of.both_ways, **{"max_length": 40, "positions": "rotary", **options},
    )  # fmt: skip
    model = Model(encoder, of.head_for(encoder, epsilon=1e-5)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, dtype=torch.float64))
    return model


def without_special_tokens(model: Model, of: Objective) -> Model:
    """`model` when it gives special tokens no probability."""
    with torch.no_grad():
        model.head.decode.bias[of.tokenizer.special_ids] = -1e9  # type: ignore[index, union-attr]
    return model
