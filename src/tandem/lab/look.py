"""What a model looks at, and which tokens move which outputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tandem.core.errors import DataError, UsageError
from tandem.core.shapes import AttentionWeights, TokenIds, TokenMask
from tandem.lab.fill_mask import WRITTEN_MASK
from tandem.lab.framing import check_unicode
from tandem.nn.both_ways import BothWays
from tandem.nn.encoder import Encoder
from tandem.nn.mixers.attention import Attention
from tandem.nn.model import Model, in_float64
from tandem.nn.reversal import reversed_text
from tandem.nn.trace import layer_names
from tandem.objectives.base import Objective
from tandem.objectives.cross import Cross

LONGEST = 128
POSITIONS_AT_ONCE = 2**13
ROUNDING = 1e-12
"""Batches of other sizes give other last bits in float64, about 1e-16 of a number."""


@dataclass(frozen=True)
class AttentionLayer:
    """The weights (B, H, T, T) of an attention layer: how much of token s, in the last dimension, token t takes in."""

    name: str
    weights: AttentionWeights


@dataclass(frozen=True)
class Look:
    """A sentence as the model reads it, token by token; its attention layers; and its influence map (T, T).

    `tokens` are the pieces of text that the tokens were read from. `influence[t, s]` is how far output t moves when
    token s is erased.
    """

    tokens: tuple[str, ...]
    attention: tuple[AttentionLayer, ...]
    influence: Tensor


def look(model: Model, objective: Objective, text: str) -> Look:
    """Looks at one text, in float64; `[MASK]` in it is the mask.

    Raises:
        UsageError: it holds too many tokens for a picture. DataError: it holds none, or is not Unicode.
    """
    reading = _reading(model, objective, text)
    return Look(reading.tokens, reading.attention(), influence(reading.encoder, reading.ids))


def look_at_attention(
    model: Model, objective: Objective, text: str
) -> tuple[tuple[str, ...], tuple[AttentionLayer, ...]]:
    """The tokens and the attention of `look` alone.

    Raises:
        What `look` raises.
    """
    reading = _reading(model, objective, text)
    return reading.tokens, reading.attention()


def look_at_influence(model: Model, objective: Objective, text: str) -> tuple[tuple[str, ...], Tensor]:
    """The tokens and the influence map of `look` alone.

    Raises:
        What `look` raises.
    """
    reading = _reading(model, objective, text)
    return reading.tokens, influence(reading.encoder, reading.ids)


@dataclass(frozen=True)
class LookBetween:
    """The tokens of two texts in one row; for each attention layer by name, how much of token s of the second token t
    of the first takes in, (H, T, S). The rest of what t takes in is its own text, and the marks around both."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    layers: dict[str, Tensor]


def look_between(model: Model, objective: Objective, first: str, second: str) -> LookBetween:
    """The attention between two texts as a model of pairs reads them, cut where it cuts them, in float64.

    Raises:
        UsageError: the model reads texts apart, or there are too many tokens. DataError: a text holds none.
    """
    if not isinstance(objective, Cross):
        raise UsageError("this model does not read two texts in one row: nothing attends from one to the other")
    (ids_a, first_pieces), (ids_b, second_pieces) = (_encoded(objective, text) for text in (first, second))
    if (count := len(ids_a) + len(ids_b)) > LONGEST:
        raise UsageError(f"{count} tokens: at most {LONGEST} can be looked at; shorten the sentences")
    kept = objective.form.kept(np.array([len(ids_a)]), np.array([len(ids_b)]), model.encoder.defaults.max_length)
    a, b = (int(size[0]) for size in kept)
    rows = objective.form.rows([ids_a[:a]], [ids_b[:b]])
    assert rows.segments is not None
    ids, mask, segments = (torch.from_numpy(one).to(model.device) for one in (rows.ids, rows.mask, rows.segments))
    layers = attention_weights(in_float64(model.encoder), ids, mask, segments)
    # Of [CLS] a [SEP] b [SEP] the rows of a, and the columns of b.
    between = (slice(1, 1 + a), slice(2 + a, 2 + a + b))
    return LookBetween(
        first_pieces[:a], second_pieces[:b],
        {layer.name: layer.weights[0, :, *between] for layer in layers},
    )  # fmt: skip


@dataclass(frozen=True)
class _Reading:
    """A text (1, T) as the encoder in float64 reads it."""

    encoder: Encoder
    ids: TokenIds
    tokens: tuple[str, ...]

    def attention(self) -> tuple[AttentionLayer, ...]:
        return tuple(attention_weights(self.encoder, self.ids, torch.ones_like(self.ids, dtype=torch.bool)))


def _encoded(objective: Objective, text: str) -> tuple[list[int], tuple[str, ...]]:
    """The tokens of a text, and the pieces of it that they were read from."""
    check_unicode(text)
    written = WRITTEN_MASK.sub(lambda _: objective.tokenizer.mask_token, text)
    ids, spans = objective.tokenizer.encode_with_spans(written)
    if not ids:
        raise DataError(f'"{text}": there is no word in it that the tokenizer reads; write one')
    return ids, tuple(written[start:end] for start, end in spans)


def _reading(model: Model, objective: Objective, text: str) -> _Reading:
    ids, pieces = _encoded(objective, text)
    if len(ids) > LONGEST:
        raise UsageError(f"{len(ids)} tokens: at most {LONGEST} can be looked at; shorten the sentence")
    frame, token = objective.frame, objective.tokenizer.token
    tokens = (*map(token, frame.before), *pieces, *map(token, frame.behind))
    return _Reading(in_float64(model.encoder), torch.tensor([frame.around(ids)], device=model.device), tokens)


@torch.no_grad()
def attention_weights(
    encoder: Encoder, ids: TokenIds, mask: TokenMask, segments: TokenIds | None = None
) -> list[AttentionLayer]:
    """The weights of every attention layer while `encoder` reads a batch, named as `trace` names layers.

    They come from the layers' explicit path, over the very inputs that the layers got. Where one body reads the text
    from its end, its weights are turned round, so that token s is token s of the text.
    """
    body = encoder.body
    bodies = {"ahead ": body.ahead, "behind ": body.behind} if isinstance(body, BothWays) else {"": body}
    names = [name for name in layer_names(encoder) if name.endswith(" attention")]
    mixers: dict[str, Attention] = {}
    for direction, part in bodies.items():
        found = [module for module in part.modules() if isinstance(module, Attention)]
        mixers |= {f"{direction}{name}": mixer for name, mixer in zip(names, found, strict=True)}
    with _inputs_of(list(mixers.values())) as inputs:
        encoder(ids, mask, segments)
    weights = {name: mixer.explicit(inputs[mixer], mask)[1] for name, mixer in mixers.items()}
    return [
        AttentionLayer(name, _turned(weights_BHTT, mask) if name.startswith("behind ") else weights_BHTT)
        for name, weights_BHTT in weights.items()
    ]


@torch.no_grad()
def influence(encoder: Encoder, ids: TokenIds) -> Tensor:
    """How far each output of the last layer moves when a token is erased, (T, T), for a text (1, T) without padding.

        influence[t, s] = |h_t(x) - h_t(x without s)| / |h_t(x)|

    h_t is the output of the last layer at t, |.| the Euclidean norm, and "x without s" the same text with the embedding
    of token s set to zero: its place, and what is added for it, stay. This erasure is the same for every encoder, with
    a mask token or without, so that two maps can be compared. 0 says that output t does not depend on s; 1, that it
    moves as far as it is long. Source: Li, Monroe and Jurafsky 2016, Understanding neural networks through
    representation erasure.
    """
    length = ids.shape[1]
    embedded, own_TD = encoder.embedded(ids), encoder.embedding(ids)[0]
    whole_TD = _read(encoder, embedded)[0]
    rows = []
    for some in torch.split(torch.arange(length, device=ids.device), max(1, POSITIONS_AT_ONCE // length)):
        erased = embedded.repeat(len(some), 1, 1)
        erased[torch.arange(len(some), device=ids.device), some] -= own_TD[some]
        rows.append((_read(encoder, erased) - whole_TD).norm(dim=-1))
    size = whole_TD.norm(dim=-1).clamp(min=torch.finfo(whole_TD.dtype).tiny)
    moved_TT: Tensor = torch.cat(rows).T / size[:, None]
    return moved_TT * (moved_TT > ROUNDING)


def strongest(found: Look, token: int, *, most: int = 3) -> list[tuple[int, float]]:
    """The `most` other tokens that move the output at `token` the most, with their influence, strongest first."""
    row = found.influence[token].tolist()
    others = [other for other in range(len(row)) if other != token and row[other] > 0]
    return [(other, row[other]) for other in sorted(others, key=lambda other: -row[other])[:most]]


def _read(encoder: Encoder, embedded: Tensor) -> Tensor:
    everything = torch.ones(embedded.shape[:2], dtype=torch.bool, device=embedded.device)
    hidden: Tensor = encoder.body(embedded, everything)
    return hidden


def _turned(weights_BHTT: Tensor, mask: TokenMask) -> Tensor:
    """Weights between the tokens of a reversed text as weights between those of the text."""
    rows, heads, length, _ = weights_BHTT.shape
    masks = mask.repeat_interleave(heads, dim=0)
    turned = reversed_text(weights_BHTT.flatten(0, 1), masks)
    return reversed_text(turned.mT, masks).mT.view(rows, heads, length, length)


@contextmanager
def _inputs_of(modules: list[Attention]) -> Iterator[dict[nn.Module, Tensor]]:
    """The hidden states that each of `modules` reads, filled while they run inside the `with` block."""
    found: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        found[module] = arguments[0]

    handles = [module.register_forward_pre_hook(keep) for module in modules]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
