"""An encoder of which some positions are read gives there what it gives everywhere, and learns the same from it."""

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from tandem.nn.encoder import Encoder
from tandem.nn.knock_out import without
from tandem.nn.layout import parse

IDS = torch.arange(3 * 7).reshape(3, 7) % 20
MASK = torch.arange(7)[None] < torch.tensor([[7], [4], [6]])
READ = torch.tensor([1, 2, 8, 14, 19])
EXPRESSIONS = [
    "attention*2",
    "lstm*2",
    "attention[block=post]",
    "cnn[block=bare]",
    "attention*2 | lstm*2",
    "(attention | lstm[block=pre] | cnn)[merge=gate]",
    "lstm > ((attention | gru)[merge=concat] | positions[kind=rotary])[merge=gate]",
    "attention > norm",
    "lstm > positions[kind=sinusoid]",
    "positions[kind=none]",
]
every_expression = pytest.mark.parametrize("expression", EXPRESSIONS)


def encoder(expression: str, **settings: object) -> Encoder:
    torch.manual_seed(0)
    layout, known = parse(expression), {"positions": "rotary", "sees": "both", **settings}
    return Encoder(layout, vocabulary=20, width=8, max_length=9, **known).double()


def learnt(model: Encoder, read: Tensor | None) -> tuple[Tensor, list[Tensor | None]]:
    """The hidden states that are read, and the gradients of a sum in which each number has its own weight."""
    model.zero_grad(set_to_none=True)
    hidden = model(IDS, MASK, read=read).flatten(0, 1)[READ]
    (hidden * torch.arange(hidden.numel()).view_as(hidden).sin()).sum().backward()
    return hidden.detach(), [parameter.grad for parameter in model.parameters()]


@every_expression
def test_what_is_read_and_learnt_does_not_depend_on_what_is_left_out(expression: str) -> None:
    model = encoder(expression)
    (whole, gradients), (some, same) = learnt(model, None), learnt(model, READ)
    torch.testing.assert_close(some, whole, rtol=0, atol=1e-12)
    for ours, theirs in zip(same, gradients, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_zeros_stand_where_nobody_reads() -> None:
    hidden = encoder("attention")(IDS, MASK, read=READ).flatten(0, 1)
    assert hidden.any(dim=1).nonzero()[:, 0].tolist() == READ.tolist()


@pytest.mark.parametrize("names", [["lstm"], ["attention"], ["attention", "lstm"]])
def test_a_mechanism_can_be_knocked_out_all_the_same(names: list[str]) -> None:
    for expression in ("attention | lstm", "lstm > attention"):
        model = encoder(expression).eval()
        with without(model, names):
            whole, some = model(IDS, MASK), model(IDS, MASK, read=READ)
        torch.testing.assert_close(some.flatten(0, 1)[READ], whole.flatten(0, 1)[READ], rtol=0, atol=1e-12)


def test_a_body_that_reads_both_ways_can_be_read_in_places() -> None:
    model = encoder("gru", both_ways=True, sees="past")
    whole, some = model(IDS, MASK), model(IDS, MASK, read=READ)
    torch.testing.assert_close(some.flatten(0, 1)[READ], whole.flatten(0, 1)[READ])


@every_expression
def test_without_a_place_nothing_is_read_and_every_gradient_is_zero(expression: str) -> None:
    model = encoder(expression).float()
    model(IDS, MASK, read=READ[:0]).sum().backward()
    for parameter in model.parameters():
        assert parameter.grad is None or not parameter.grad.any()


@pytest.mark.parametrize("merge", ["sum", "gate", "concat"])
@pytest.mark.parametrize("block", ["pre", "post", "bare"])
def test_declared_operations_are_spared(merge: str, block: str) -> None:
    model = encoder("cnn*2 > (attention | cnn[kernel=1] > cnn)", merge=merge, block=block)
    counted = []
    for read in (None, torch.arange(9)):
        with FlopCounterMode(display=False) as counter:
            model(torch.ones(2, 9, dtype=torch.int64), torch.ones(2, 9, dtype=torch.bool), read=read)
        counted.append(counter.get_total_flops())
    assert counted[0] - counted[1] == model.spared_flops(9)


def test_what_is_not_trained_spares_nothing() -> None:
    model = encoder("attention*2")
    # The output of attention, and two layers of the feed-forward network.
    assert model.spared_flops(7) == 2 * 7 * (8 * 8 + 2 * 8 * 32)
    model.body.requires_grad_(requires_grad=False)
    assert model.spared_flops(7) == 0
