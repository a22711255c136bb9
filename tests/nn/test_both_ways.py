"""Two bodies, each of which knows one side of a position, whatever they are made of."""

import pytest
import torch
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.nn.both_ways import BothWays
from tandem.nn.cost import parameters, trained, tree
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.nn.reversal import reversed_text

WIDTH, LONGEST = 8, 7
LENGTHS = [7, 3, 1, 5]
every_encoder = pytest.mark.parametrize(
    "expression",
    [
        "lstm*2", "attention*2", "positions[kind=learned] > attention", "attention | lstm", "gru > attention[window=3]",
        "(cnn | rnn)[merge=gate] > lstm[block=pre]", "(lstm > attention)*2",
    ],
)  # fmt: skip


def made(expression: str, *, both_ways: bool = True) -> Encoder:
    torch.manual_seed(0)
    encoder = Encoder(
        parse(expression), vocabulary=30, width=WIDTH, sees="past", max_length=LONGEST,
        positions="rotary", both_ways=both_ways, segments=2,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in encoder.double().parameters():
            # A bias of zero or a norm's scale of one would hide a mistake.
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return encoder.eval()


def tokens(*shape: int) -> Tensor:
    return torch.randint(1, 30, shape, generator=torch.Generator().manual_seed(3))


def text(lengths: list[int] = LENGTHS, longest: int = LONGEST) -> tuple[Tensor, Tensor]:
    return tokens(len(lengths), longest), torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]


def reached(encoder: Encoder, place: int, units: slice) -> list[bool]:
    """Which of 5 real inputs, and of 2 padded ones behind them, have a gradient to these units at `place`."""
    hidden = torch.randn(3, 7, WIDTH, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
    mask = torch.arange(7).expand(3, 7) < 5
    said = encoder.body(hidden, mask)[:, place, units]
    weights = torch.randn(said.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    (gradient,) = torch.autograd.grad((said * weights).sum(), hidden)
    return gradient.abs().sum(dim=(0, 2)).gt(0).tolist()


@every_encoder
def test_one_half_knows_the_past_and_the_other_what_follows(expression: str) -> None:
    encoder, ahead, behind = made(expression), slice(0, WIDTH), slice(WIDTH, None)
    for place in range(5):
        seen_ahead, seen_behind = reached(encoder, place, ahead), reached(encoder, place, behind)
        assert seen_ahead[place + 1 :] == [False] * (6 - place)
        assert seen_behind[:place] == [False] * place
        assert seen_behind[5:] == [False, False]
        assert seen_ahead[place]
        assert seen_behind[place]
    # Each side is not only kept apart but read.
    assert reached(encoder, 3, ahead)[2]
    assert reached(encoder, 3, behind)[4]


@every_encoder
def test_the_second_body_does_to_reversed_text_what_a_lone_encoder_does(expression: str) -> None:
    encoder, alone = made(expression), made(expression, both_ways=False)
    ids = tokens(4, 6)
    whole = torch.ones_like(ids, dtype=torch.bool)
    assert isinstance(encoder.body, BothWays)
    alone.embedding, alone.segments = encoder.embedding, encoder.segments
    ahead, behind = encoder(ids, whole).chunk(2, dim=-1)
    alone.body.load_state_dict(encoder.body.ahead.state_dict())
    torch.testing.assert_close(ahead, alone(ids, whole))
    alone.body.load_state_dict(encoder.body.behind.state_dict())
    torch.testing.assert_close(behind, alone(ids.flip(1), whole).flip(1))


@every_encoder
def test_padding_and_the_order_of_a_batch_change_nothing(expression: str) -> None:
    encoder, (ids, mask) = made(expression), text()
    together = encoder(ids, mask)
    assert together.shape == (4, LONGEST, 2 * WIDTH)
    assert encoder.width == 2 * WIDTH
    for row, length in enumerate(LENGTHS):
        alone = encoder(ids[row : row + 1, :length], mask[row : row + 1, :length])
        torch.testing.assert_close(together[row : row + 1, :length], alone)
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(encoder(ids[order], mask[order]), together[order])


@every_encoder
def test_every_trained_parameter_gets_a_gradient(expression: str) -> None:
    encoder, (ids, mask) = made(expression), text()
    output = encoder(ids, mask)[mask]
    (output * torch.randn(output.shape, dtype=output.dtype)).sum().backward()
    trained_ones = {name: p for name, p in encoder.named_parameters() if p.requires_grad}
    assert [name for name, p in trained_ones.items() if p.grad is None or not p.grad.any()] == []


@every_encoder
def test_the_bodies_have_weights_of_their_own_over_one_embedding(expression: str) -> None:
    one, two = (Model(made(expression, both_ways=flag), torch.nn.Identity()) for flag in (False, True))
    assert parameters(two).embedding == parameters(one).embedding + ("learned" in expression) * LONGEST * WIDTH
    assert parameters(two).body == 2 * parameters(one).body
    assert two.encoder.flops(6) == 2 * one.encoder.flops(6)
    ahead, behind = (dict(body.named_parameters()) for body in (two.encoder.body.ahead, two.encoder.body.behind))
    assert ahead.keys() == behind.keys()
    assert all(ahead[name] is not behind[name] for name in ahead)


def test_the_bodies_begin_with_different_weights() -> None:
    body = made("lstm").body
    first, second = (part.steps[0].mixer.recurrence.forwards.weight_ih_l0 for part in (body.ahead, body.behind))
    assert not torch.allclose(first, second)


@every_encoder
def test_the_tree_has_both_bodies_and_adds_up(expression: str) -> None:
    body = made(expression).body
    lines = tree(body, 6)
    outer = [line for line in lines if line.depth == 0]
    assert [line.label for line in outer] == ["reads from the beginning", "reads from the end"]
    assert sum(line.parameters for line in outer) == trained(body)
    assert sum(line.flops_per_token for line in outer) == pytest.approx(body.flops(6) / 6)


def test_text_reversed_twice_is_the_text_and_padding_keeps_its_place() -> None:
    hidden, (_, mask) = torch.arange(4 * 7.0).reshape(4, 7, 1), text()
    turned = reversed_text(hidden, mask)
    assert turned[:, :, 0].tolist()[1] == [9, 8, 7, 10, 11, 12, 13]
    assert turned[:, :, 0].tolist()[0] == [6, 5, 4, 3, 2, 1, 0]
    assert torch.equal(reversed_text(turned, mask), hidden)


def test_there_is_no_state_to_go_on_from() -> None:
    encoder = made("lstm")
    with pytest.raises(UsageError, match="from both ends cannot read or write it token by token"):
        encoder.start(2)
    with pytest.raises(UsageError, match="from both ends"):
        encoder.extend((), tokens(2, 3))


def test_a_part_that_sees_both_sides_is_refused() -> None:
    with pytest.raises(UsageError, match="the past only"):
        made("lstm > attention[sees=both]")
