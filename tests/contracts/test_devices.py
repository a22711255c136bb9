"""Every tensor that a training step makes stands where its input stands, and no step waits for the device.

On the `meta` device tensors have shapes and no numbers: whoever asks one for its value fails, as does any operation on
tensors of two devices.
"""

from typing import Any, get_args

import pytest
import torch
from made import META, OneDevice, mask_of
from test_decoders import EXPRESSIONS
from test_mixers import CASES, LABELS, both_ways, mixer_class
from torch import Tensor, nn

from tandem.core.choices import Merge, PositionKind
from tandem.nn.decoder import build_decoder
from tandem.nn.defaults import Defaults
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.pooling import Pooling, PoolingKind
from tandem.nn.state import tensors

WIDTH, BATCH, LENGTH, IDS = 8, 3, 6, 11
HIDDEN, MASK = torch.zeros(BATCH, LENGTH, WIDTH, device=META), mask_of([6, 2, 4], LENGTH).to(META)
TOKENS = torch.zeros(BATCH, LENGTH, dtype=torch.int64, device=META)


def check(module: nn.Module, output: Tensor) -> None:
    """`output` can be learnt from, and everything that is trained has a gradient then."""
    assert output.device == META
    if trained := [parameter for parameter in module.parameters() if parameter.requires_grad]:
        output.sum().backward()
        assert {None if parameter.grad is None else parameter.grad.device for parameter in trained} == {META}


@pytest.mark.parametrize(("name", "options"), CASES, ids=LABELS)
@both_ways
def test_a_mixer_follows_its_input(name: str, options: dict[str, Any], sees: str) -> None:
    mixer = mixer_class(name)(WIDTH, sees, **options).to(META)
    with OneDevice():
        check(mixer, mixer(HIDDEN, MASK))
        if sees == "past":
            state = mixer.start(BATCH)
            for _ in range(2):
                state, output = mixer.extend(state, HIDDEN)
            assert {tensor.device for tensor in (output, *tensors(state))} == {META}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_decoder_follows_its_input(text: str) -> None:
    defaults = Defaults(max_length=16, positions="sinusoid", feedforward=12, dropout=0.5)
    decoder = build_decoder(text, nn.Embedding(IDS, WIDTH), defaults).to(META)
    with OneDevice():
        check(decoder, decoder(HIDDEN, MASK, TOKENS))


@pytest.mark.parametrize("kind", get_args(PoolingKind))
def test_pooling_follows_its_input(kind: PoolingKind) -> None:
    pooling = Pooling(WIDTH, kind=kind).to(META)
    with OneDevice():
        check(pooling, pooling(HIDDEN, MASK))


@pytest.mark.parametrize("positions", get_args(PositionKind))
@pytest.mark.parametrize("merge", get_args(Merge))
def test_an_encoder_and_its_state_follow_their_input(positions: PositionKind, merge: Merge) -> None:
    encoder = Encoder(
        parse("attention*2 | lstm > norm"), vocabulary=IDS, width=WIDTH, sees="past", max_length=LENGTH,
        positions=positions, merge=merge, dropout=0.1, segments=2,
    ).to(META)  # fmt: skip
    with OneDevice():
        check(encoder, encoder(TOKENS, MASK, TOKENS))
        if not positions.startswith("learned"):
            state, _ = encoder.extend(encoder.start(BATCH), TOKENS)
            state, output = encoder.extend(state, TOKENS)
            assert {tensor.device for tensor in (output, *tensors(state))} == {META}
