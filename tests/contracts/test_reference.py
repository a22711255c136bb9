"""Mixers and blocks against torch's own modules with the same weights."""

import pytest
import torch
from made import mask_of, noise, shaken
from torch import nn

from tandem.nn.block import Block
from tandem.nn.feedforward import FeedForward
from tandem.nn.mixers.attention import Attention
from tandem.nn.mixers.gru import Gru
from tandem.nn.mixers.lstm import Lstm
from tandem.nn.mixers.rnn import Rnn

WIDTH, HEADS, LENGTHS, LONGEST = 12, 3, [7, 3, 1, 6], 7
HIDDEN, MASK = noise(len(LENGTHS), LONGEST, WIDTH), mask_of(LENGTHS, LONGEST)
RECURRENT = [(Rnn, nn.RNN), (Gru, nn.GRU), (Lstm, nn.LSTM)]
FUTURE = torch.ones(LONGEST, LONGEST, dtype=torch.bool).triu(1)


def twin_of(attention: Attention) -> nn.MultiheadAttention:
    twin = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dtype=torch.float64)
    copy_attention(attention, twin)
    return twin


def copy_attention(attention: Attention, twin: nn.MultiheadAttention) -> None:
    twin.in_proj_weight.data, twin.in_proj_bias.data = attention.project.weight.data, attention.project.bias.data
    twin.out_proj.load_state_dict(attention.output.state_dict())


@pytest.mark.parametrize(("mixer", "kernel"), RECURRENT, ids=["rnn", "gru", "lstm"])
def test_two_directions_agree_with_a_packed_bidirectional_kernel(mixer: type, kernel: type) -> None:
    ours = shaken(mixer(WIDTH, "both"))
    theirs = kernel(WIDTH, WIDTH // 2, bidirectional=True, batch_first=True, dtype=torch.float64)
    for direction, suffix in zip(ours.recurrence.directions, ("", "_reverse"), strict=True):
        for name, parameter in direction.named_parameters():
            getattr(theirs, name + suffix).data = parameter.data
    packed = nn.utils.rnn.pack_padded_sequence(HIDDEN, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
    torch.testing.assert_close(ours(HIDDEN, MASK)[MASK], expected[MASK])
    # What the contract is for: without packing the same kernel reads padding first on its way back.
    assert not torch.allclose(theirs(HIDDEN)[0][MASK], expected[MASK])


@pytest.mark.parametrize(("mixer", "kernel"), RECURRENT, ids=["rnn", "gru", "lstm"])
def test_one_direction_agrees_with_the_kernel(mixer: type, kernel: type) -> None:
    ours, theirs = shaken(mixer(WIDTH, "past")), kernel(WIDTH, WIDTH, batch_first=True, dtype=torch.float64)
    theirs.load_state_dict(ours.recurrence.forwards.state_dict())
    torch.testing.assert_close(ours(HIDDEN, MASK)[MASK], theirs(HIDDEN)[0][MASK])


@pytest.mark.parametrize("sees", ["past", "both"])
def test_attention_agrees_with_multihead_attention_in_output_and_weights(sees: str) -> None:
    ours = shaken(Attention(WIDTH, sees, heads=HEADS))
    expected, weights = twin_of(ours)(
        HIDDEN, HIDDEN, HIDDEN, key_padding_mask=~MASK, attn_mask=FUTURE if sees == "past" else None,
        average_attn_weights=False,
    )  # fmt: skip
    torch.testing.assert_close(ours(HIDDEN, MASK)[MASK], expected[MASK])
    real = MASK[:, None, :].expand(-1, HEADS, -1)
    torch.testing.assert_close(ours.explicit(HIDDEN, MASK)[1][real], weights[real])


@pytest.mark.parametrize("sees", ["past", "both"])
@pytest.mark.parametrize("style", ["pre", "post"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_block_of_attention_agrees_with_a_transformer_layer(style: str, sees: str, activation: str) -> None:
    attention = Attention(WIDTH, sees, heads=HEADS)
    ours = shaken(
        Block(attention, WIDTH, style=style, feedforward=20, activation=activation, epsilon=1e-3, dropout=0.0)
    )
    theirs = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 20, dropout=0.0, activation=activation, layer_norm_eps=1e-3, batch_first=True,
        norm_first=style == "pre", dtype=torch.float64,
    )  # fmt: skip
    copy_attention(attention, theirs.self_attn)
    pairs = [(ours.norm_mix, theirs.norm1), (ours.norm_feed, theirs.norm2)]
    for mine, other in [*pairs, (ours.feed.expand, theirs.linear1), (ours.feed.contract, theirs.linear2)]:
        other.load_state_dict(mine.state_dict())
    expected = theirs(HIDDEN, src_mask=FUTURE if sees == "past" else None, src_key_padding_mask=~MASK)
    torch.testing.assert_close(ours(HIDDEN, MASK)[MASK], expected[MASK])


def test_a_bare_block_is_its_mixer_and_has_no_other_weights() -> None:
    mixer = shaken(Lstm(WIDTH, "both"))
    block = Block(mixer, WIDTH, style="bare", feedforward=20, activation="gelu", epsilon=1e-5, dropout=0.0)
    assert torch.equal(block(HIDDEN, MASK), mixer(HIDDEN, MASK))
    assert list(map(id, block.parameters())) == list(map(id, mixer.parameters()))


@pytest.mark.parametrize("style", ["pre", "post", "bare"])
def test_dropout_follows_every_mix_and_every_feed(style: str) -> None:
    block = shaken(
        Block(Lstm(WIDTH, "past"), WIDTH, style=style, feedforward=20, activation="gelu", epsilon=1e-5, dropout=1.0)
    )
    expected = {
        "pre": HIDDEN,
        "post": block.norm_feed(block.norm_mix(HIDDEN)) if style == "post" else None,
        "bare": torch.zeros_like(HIDDEN),
    }
    torch.testing.assert_close(block(HIDDEN, MASK), expected[style])
    assert not torch.allclose(block.eval()(HIDDEN, MASK), expected[style])


@pytest.mark.parametrize(("activation", "module"), [("gelu", nn.GELU()), ("relu", nn.ReLU()), ("silu", nn.SiLU())])
def test_a_feed_forward_network_is_two_linear_maps_around_its_activation(activation: str, module: nn.Module) -> None:
    feed = shaken(FeedForward(WIDTH, inner=20, activation=activation))
    expected = nn.Sequential(feed.expand, module, feed.contract)(HIDDEN)
    torch.testing.assert_close(feed(HIDDEN), expected)
