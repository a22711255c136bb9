"""Attention from one sequence to another agrees with torch's own, given the same weights."""

import pytest
import torch
from torch import nn

from tandem.core.errors import UsageError
from tandem.nn.cross_attention import CrossAttention

WIDTH, HEADS = 8, 2


def test_it_agrees_with_torch() -> None:
    torch.manual_seed(0)
    own, reference = CrossAttention(WIDTH, heads=HEADS), nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([own.query.weight, own.key_value.weight]))
        reference.in_proj_bias.normal_()
        own.query.bias.copy_(reference.in_proj_bias[:WIDTH])
        own.key_value.bias.copy_(reference.in_proj_bias[WIDTH:])
        own.output.bias.normal_()
        reference.out_proj.weight.copy_(own.output.weight)
        reference.out_proj.bias.copy_(own.output.bias)
    states, memory = torch.randn(2, 3, WIDTH), torch.randn(2, 5, WIDTH)
    mask = torch.arange(5)[None] < torch.tensor([5, 2])[:, None]
    expected, weights = reference(states, memory, memory, key_padding_mask=~mask, average_attn_weights=False)
    keys, values = own.read(memory)
    torch.testing.assert_close(own(states, keys, values, mask), expected)
    torch.testing.assert_close(own.weights(states, keys, mask), weights)


def test_operations_are_those_of_four_maps_the_scores_and_the_mean() -> None:
    length = 7
    expected = 2 * length * 4 * WIDTH * WIDTH + 2 * 2 * length * length * WIDTH
    assert CrossAttention(WIDTH, heads=HEADS).flops(length) == expected


@pytest.mark.parametrize("heads", [0, 3])
def test_heads_divide_the_width(heads: int) -> None:
    with pytest.raises(UsageError, match=f"heads = {heads} must divide the width 8"):
        CrossAttention(WIDTH, heads=heads)
