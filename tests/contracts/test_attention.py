"""Attention's second path, its precision, and the positions inside its scores."""

import math
from typing import Any

import pytest
import torch
from made import mask_of, noise, shaken, weighed
from torch import Tensor

from tandem.nn.mixers.attention import Attention
from tandem.nn.positions import distance_bias, rotated

WIDTH, HEADS, LENGTHS, LONGEST = 16, 4, [9, 4, 1, 6], 9
HIDDEN, MASK = noise(len(LENGTHS), LONGEST, WIDTH), mask_of(LENGTHS, LONGEST)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"window": 3},
    {"relative": "rotary"},
    {"relative": "distance"},
    {"relative": "distance", "window": 2},
]
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)
both_ways = pytest.mark.parametrize("sees", ["past", "both"])


def made(sees: str, **options: Any) -> Attention:
    return shaken(Attention(WIDTH, sees, **{"heads": HEADS, **options}))


def projected(attention: Attention) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values (B, H, T, E), cut out of the one projection by hand."""
    three = HIDDEN @ attention.project.weight.T + attention.project.bias
    cut = [part.view(len(LENGTHS), LONGEST, HEADS, -1).transpose(1, 2) for part in three.split(WIDTH, dim=-1)]
    return cut[0], cut[1], cut[2]


@every_option
@both_ways
def test_the_explicit_path_equals_the_fast_kernel(sees: str, options: dict[str, Any]) -> None:
    attention = made(sees, **options)
    output, weights = attention.explicit(HIDDEN, MASK)
    torch.testing.assert_close(output, attention(HIDDEN, MASK), rtol=0, atol=1e-10)
    single = attention.float()
    torch.testing.assert_close(single.explicit(HIDDEN.float(), MASK)[0], single(HIDDEN.float(), MASK))
    assert weights.shape == (len(LENGTHS), HEADS, LONGEST, LONGEST)


@every_option
@both_ways
def test_both_paths_have_the_same_gradients(sees: str, options: dict[str, Any]) -> None:
    attention, inputs = made(sees, **options), HIDDEN.clone().requires_grad_()
    outputs = attention.explicit(inputs, MASK)[0], attention(inputs, MASK)
    learnt = [inputs, *attention.parameters()]
    explicit, fast = (torch.autograd.grad(weighed(output[MASK]), learnt) for output in outputs)
    for ours, theirs in zip(explicit, fast, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@every_option
@both_ways
def test_a_row_without_text_leaves_everything_finite(sees: str, options: dict[str, Any]) -> None:
    mask = MASK.clone()
    mask[2] = False
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        attention, inputs = made(sees, **options).to(dtype), HIDDEN.to(dtype, copy=True).requires_grad_()
        output = attention(inputs, mask)
        output.float().sum().backward()
        assert output.isfinite().all()
        assert inputs.grad.isfinite().all()
        torch.testing.assert_close(output[mask], attention(inputs, MASK)[mask])


@every_option
@both_ways
def test_the_weights_of_a_picture_rebuild_the_output(sees: str, options: dict[str, Any]) -> None:
    attention = made(sees, **options)
    weights = attention.explicit(HIDDEN, MASK)[1]
    values = projected(attention)[2]
    mixed = torch.einsum("bhts,bhse->bthe", weights, values).flatten(2)
    rebuilt = mixed @ attention.output.weight.T + attention.output.bias
    torch.testing.assert_close(rebuilt[MASK], attention(HIDDEN, MASK)[MASK], rtol=0, atol=1e-6)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones_like(weights[..., 0]))
    by_query = weights.transpose(1, 2)[MASK].transpose(0, 1)
    absent = ~MASK.repeat_interleave(torch.tensor(LENGTHS), dim=0)
    assert by_query[:, absent].count_nonzero() == 0


@every_option
@both_ways
def test_bfloat16_on_a_cpu_agrees_with_single_precision_to_its_own_accuracy(sees: str, options: dict[str, Any]) -> None:
    attention = made(sees, **options).float()
    exact = attention(HIDDEN.float(), MASK)[MASK]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = attention(HIDDEN.float(), MASK)
    assert mixed.dtype is torch.bfloat16
    rounded = attention.bfloat16()(HIDDEN.bfloat16(), MASK)
    for output in (mixed[MASK], rounded[MASK]):
        error = (output.float() - exact).norm() / exact.norm()
        # bfloat16 keeps 8 bits: one rounding is off by up to 2^-9.
        assert 0 < error < 4 * 2**-8


def test_distance_bias_is_that_of_alibi_in_both_directions() -> None:
    behind = torch.arange(5)[:, None] - torch.arange(5)[None, :]
    bias = distance_bias(behind, 8)
    for head in range(8):
        # Press et al. 2022: for 8 heads the slopes are 1/2, 1/4, … 1/256.
        slope = 1 / 2 ** (head + 1)
        for query in range(5):
            for key in range(5):
                assert bias[head, query, key].item() == -slope * abs(query - key)


@both_ways
def test_distance_is_taken_off_the_scores(sees: str) -> None:
    attention = made(sees, relative="distance")
    queries, keys, _ = projected(attention)
    weights = attention.explicit(HIDDEN, MASK)[1]
    for head in range(HEADS):
        slope = 2.0 ** (-8 * (head + 1) / HEADS)
        for query in range(LONGEST):
            visible = range(query + 1 if sees == "past" else LONGEST)
            scores = [
                (queries[0, head, query] @ keys[0, head, key]).item() / math.sqrt(WIDTH / HEADS)
                - slope * abs(query - key)
                for key in visible
            ]
            total = sum(map(math.exp, scores))
            expected = [math.exp(score) / total for score in scores] + [0.0] * (LONGEST - len(visible))
            assert weights[0, head, query].tolist() == pytest.approx(expected, abs=1e-12)


def test_rotation_turns_pairs_as_complex_numbers() -> None:
    vectors = noise(1, 1, 4, 6)
    turned = rotated(vectors, 10)
    for place in range(4):
        for pair in range(3):
            number = complex(vectors[0, 0, place, pair], vectors[0, 0, place, pair + 3])
            angle = (10 + place) * 10_000.0 ** (-pair / 3)
            expected = number * complex(math.cos(angle), math.sin(angle))
            got = complex(turned[0, 0, place, pair], turned[0, 0, place, pair + 3])
            assert abs(got - expected) < 1e-5


def test_rotary_scores_depend_only_on_the_difference_of_positions() -> None:
    query, key = noise(1, 1, 1, 8), noise(1, 1, 1, 8, seed=4)

    def score(query_at: int, key_at: int) -> float:
        return (rotated(query, query_at) * rotated(key, key_at)).sum().item()

    for query_at, key_at in ((3, 0), (5, 5), (0, 4)):
        for shift in (1, 20, 300):
            assert score(query_at + shift, key_at + shift) == pytest.approx(score(query_at, key_at), abs=1e-3)
    assert len({round(score(gap, 0), 2) for gap in range(6)}) == 6
    assert abs(score(2, 0) - score(0, 2)) > 1e-2


def test_rotary_attention_is_blind_to_where_a_text_begins_and_sees_its_order() -> None:
    attention = made("past", relative="rotary")
    late = attention.start(1)._replace(length=torch.tensor([40]))
    state = attention.start(1)
    for place in range(LONGEST):
        state, early_output = attention.step(state, HIDDEN[:1, place])
        late, late_output = attention.step(late, HIDDEN[:1, place])
        torch.testing.assert_close(early_output, late_output, rtol=0, atol=1e-4)
    turned = made("both", relative="rotary")(HIDDEN[:1].flip(1), MASK[:1]).flip(1)
    assert not torch.allclose(turned, made("both", relative="rotary")(HIDDEN[:1], MASK[:1]), atol=1e-3)


def test_without_positions_attention_is_blind_to_order() -> None:
    attention = made("both")
    turned = attention(HIDDEN[:1].flip(1), MASK[:1]).flip(1)
    torch.testing.assert_close(turned, attention(HIDDEN[:1], MASK[:1]))
