"""Every layer of an encoder has a name and hidden states, and looking changes nothing."""

import pytest
import torch

from tandem.nn.block import Block
from tandem.nn.encoder import Encoder
from tandem.nn.layer_mix import LayerMix
from tandem.nn.layout import parse
from tandem.nn.trace import layer_names, outputs_of, trace

WIDTH = 8
NAMES = {
    "lstm*2": ["1 lstm", "2 lstm"],
    "attention*2": ["1 attention", "2 attention"],
    "lstm > (gru > cnn)*2": ["1 lstm", "2 gru", "3 cnn", "4 gru", "5 cnn"],
    "positions[kind=sinusoid] > attention > lstm": ["1 attention", "2 lstm"],
    "lstm > positions[kind=sinusoid]": ["1 lstm"],
    "attention*2 | lstm": ["1.1.1 attention", "1.1.2 attention", "1.2.1 lstm", "1 sum"],
    "rnn > ((attention | gru)[merge=gate] > cnn | lstm)[merge=concat] > attention": [
        "1 rnn", "2.1.1.1.1 attention", "2.1.1.2.1 gru", "2.1.1 gate", "2.1.2 cnn", "2.2.1 lstm", "2 concat",
        "3 attention",
    ],
    "(attention | positions[kind=none])": ["1.1.1 attention", "1 sum"],
    "attention > norm > lstm > norm": ["1 attention", "2 lstm"],
}  # fmt: skip
every_encoder = pytest.mark.parametrize("expression", NAMES)
both = pytest.mark.parametrize("both_ways", [False, True])
IDS = torch.randint(1, 20, (3, 6), generator=torch.Generator().manual_seed(0))
MASK = torch.arange(6)[None, :] < torch.tensor([6, 2, 4])[:, None]


def made(expression: str, *, both_ways: bool = False, dropout: float = 0.0) -> Encoder:
    torch.manual_seed(0)
    return Encoder(
        parse(expression), vocabulary=20, width=WIDTH, sees="past", max_length=6, positions="sinusoid", segments=2,
        both_ways=both_ways, dropout=dropout,
    ).eval()  # fmt: skip


@every_encoder
@both
def test_layers_are_named_in_order_and_the_last_is_what_the_encoder_returns(expression: str, both_ways: bool) -> None:
    encoder = made(expression, both_ways=both_ways)
    layers = trace(encoder, IDS, MASK)
    assert [layer.name for layer in layers] == layer_names(encoder) == ["embedding", *NAMES[expression]]
    assert {layer.hidden.shape for layer in layers} == {(3, 6, 2 * WIDTH if both_ways else WIDTH)}
    assert torch.equal(layers[-1].hidden[MASK], encoder(IDS, MASK)[MASK])


@every_encoder
def test_the_first_layer_is_the_embedding_with_its_segments(expression: str) -> None:
    encoder = made(expression)
    segments = (torch.arange(6) > 2).long().expand(3, 6)
    expected = encoder.embedding(IDS) + encoder.segments(segments)
    assert torch.equal(trace(encoder, IDS, MASK, segments)[0].hidden, expected)
    twice = trace(made(expression, both_ways=True), IDS, MASK)[0].hidden
    assert torch.equal(twice[..., :WIDTH], twice[..., WIDTH:])


def test_a_norm_belongs_to_the_layer_in_front_of_it() -> None:
    encoder = made("positions[kind=sinusoid] > norm > attention[block=post] > norm > lstm")
    positions, norm, attention, second, _ = encoder.body.steps
    embedding, layer, last = trace(encoder, IDS, MASK)
    assert torch.equal(embedding.hidden, norm(positions(encoder.embedded(IDS))))
    assert torch.equal(layer.hidden, second(attention(embedding.hidden, MASK)))
    assert torch.equal(last.hidden[MASK], encoder(IDS, MASK)[MASK])


def test_each_layer_holds_what_the_modules_give_one_by_one() -> None:
    encoder = made("attention > (gru | attention)[merge=gate] > attention")
    first, parallel, last = encoder.body.steps[1:]
    before = first(encoder.body.steps[0](encoder.embedded(IDS), MASK), MASK)
    branches = [branch(before, MASK) for branch in parallel.branches]
    merged = parallel(before, MASK)
    expected = [encoder.embedded(IDS), before, *branches, merged, encoder.body.norm(last(merged, MASK))]
    for layer, hidden in zip(trace(encoder, IDS, MASK), expected, strict=True):
        torch.testing.assert_close(layer.hidden, hidden)


def test_a_layer_of_two_bodies_joins_what_they_say_about_the_same_token() -> None:
    encoder = made("lstm*2", both_ways=True)
    layers = trace(encoder, IDS[:1], MASK[:1])
    hidden, turned = encoder.embedded(IDS[:1]), encoder.embedded(IDS[:1].flip(1))
    for number, layer in enumerate(layers[1:]):
        hidden = encoder.body.ahead.steps[number](hidden, MASK[:1])
        turned = encoder.body.behind.steps[number](turned, MASK[:1])
        torch.testing.assert_close(layer.hidden, torch.cat([hidden, turned.flip(1)], dim=-1))


@both
def test_a_row_gets_in_a_padded_batch_the_layers_it_gets_alone(both_ways: bool) -> None:
    encoder = made("attention | lstm*2", both_ways=both_ways)
    together, alone = trace(encoder, IDS, MASK), trace(encoder, IDS[1:2, :2], MASK[1:2, :2])
    for padded, lone in zip(together, alone, strict=True):
        torch.testing.assert_close(padded.hidden[1:2, :2], lone.hidden)


def hooks(encoder: Encoder) -> int:
    return sum(len(module._forward_hooks) for module in encoder.modules())


def test_looking_leaves_nothing_behind_even_when_it_fails() -> None:
    encoder = made("attention | lstm")
    blocks = [module for module in encoder.modules() if isinstance(module, Block)]
    with outputs_of(blocks) as found:
        assert hooks(encoder) == len(blocks) == 2
        encoder(IDS, MASK)
    assert list(found) == blocks
    trace(encoder, IDS, MASK)
    with pytest.raises(IndexError):
        trace(encoder, IDS + 100, MASK)
    with pytest.raises(RuntimeError), outputs_of(blocks):
        raise RuntimeError
    assert hooks(encoder) == 0


def test_layers_can_be_learnt_from() -> None:
    encoder, mix = made("lstm*2"), LayerMix(3)
    mix([layer.hidden for layer in trace(encoder, IDS, MASK)])[MASK].square().sum().backward()
    assert mix.weights.grad.abs().min() > 0
    assert mix.gamma.grad.abs() > 0
    assert encoder.body.steps[0].mixer.recurrence.forwards.weight_ih_l0.grad.any()
