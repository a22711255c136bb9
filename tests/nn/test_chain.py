"""A series: one step behind the other, read at once or token by token, and a norm at its end."""

import torch
from torch import nn

from tandem.nn.block import Block
from tandem.nn.chain import Chain, Norm
from tandem.nn.mixers.lstm import Lstm

MASK = torch.ones(2, 5, dtype=torch.bool)


def block() -> Block:
    return Block(
        Lstm(8, "past"), 8, style="pre", feedforward=16, activation="gelu", epsilon=1e-5, dropout=0.0
    ).eval()  # fmt: skip


def test_steps_follow_one_another_and_the_norm_comes_last() -> None:
    torch.manual_seed(0)
    first, second, norm, hidden = block(), block(), nn.LayerNorm(8), torch.randn(2, 5, 8)
    expected = second(first(hidden, MASK), MASK)
    torch.testing.assert_close(Chain([first, second], norm=None)(hidden, MASK), expected)
    torch.testing.assert_close(Chain([first, second], norm=norm)(hidden, MASK), norm(expected))
    assert Chain([first, second], norm=norm).flops(5) == first.flops(5) + second.flops(5)


def test_token_by_token_a_chain_says_what_it_says_at_once() -> None:
    torch.manual_seed(0)
    chain, hidden = Chain([block(), Norm(8), block()], norm=nn.LayerNorm(8)), torch.randn(2, 5, 8)
    state, outputs = chain.start(2), []
    for token in hidden.split(1, dim=1):
        state, output = chain.extend(state, token)
        outputs.append(output)
    torch.testing.assert_close(torch.cat(outputs, dim=1), chain(hidden, MASK))


def test_a_norm_brings_every_position_to_mean_0_and_variance_1() -> None:
    normed = Norm(8)(3 + 5 * torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0)), MASK)
    torch.testing.assert_close(normed.mean(dim=-1), torch.zeros(2, 5), atol=1e-5, rtol=0)
    torch.testing.assert_close(normed.var(dim=-1, unbiased=False), torch.ones(2, 5), atol=1e-4, rtol=0)
