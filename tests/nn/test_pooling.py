"""One vector for a sequence: as worked by hand, and whatever stands in the padding."""

import math
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from tandem.nn.heads import ClassHead, ComparisonHead, PretrainingHead, VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.pooling import Pooling, PoolingKind, natural_pooling

KINDS = get_args(PoolingKind)
HIDDEN = torch.tensor([[[1.0, 5.0], [4.0, -2.0], [-2.0, 3.0]], [[-3.0, -1.0], [9.0, 9.0], [8.0, 7.0]]])
MASK = torch.tensor([[True, True, True], [True, False, False]])
EXPECTED = {
    "first": [[1.0, 5.0], [-3.0, -1.0]],
    "last": [[-2.0, 3.0], [-3.0, -1.0]],
    "mean": [[1.0, 2.0], [-3.0, -1.0]],
    "max": [[4.0, 5.0], [-3.0, -1.0]],
    "attentive": [[1.0, 2.0], [-3.0, -1.0]],
}


def looking(kind: PoolingKind, width: int = 2) -> Pooling:
    """A pooling whose vector, where it has one, is no longer zero."""
    pooling = Pooling(width, kind=kind)
    for parameter in pooling.parameters():
        nn.init.normal_(parameter, generator=torch.Generator().manual_seed(3))
    return pooling


@pytest.mark.parametrize("kind", KINDS)
def test_pooling_is_that_worked_by_hand(kind: PoolingKind) -> None:
    torch.testing.assert_close(Pooling(2, kind=kind)(HIDDEN, MASK), torch.tensor(EXPECTED[kind]))


def test_attentive_pooling_is_a_mean_weighted_by_products_with_its_vector() -> None:
    pooling = Pooling(2, kind="attentive")
    with torch.no_grad():
        pooling.query.copy_(torch.tensor([1.0, 0.0]))
    weights = torch.tensor([1.0, 4.0, -2.0]).exp()
    weights /= weights.sum()
    torch.testing.assert_close(pooling.weights(HIDDEN, MASK), torch.stack([weights, torch.tensor([1.0, 0.0, 0.0])]))
    torch.testing.assert_close(pooling(HIDDEN, MASK)[0], weights @ HIDDEN[0])


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_float32_are_pooled_where_products_are_bfloat16(kind: PoolingKind) -> None:
    pooling = looking(kind)
    with torch.autocast("cpu", torch.bfloat16):
        pooled = pooling(HIDDEN, MASK)
    torch.testing.assert_close(pooled.float(), pooling(HIDDEN, MASK), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_and_gets_no_gradient(kind: PoolingKind) -> None:
    pooling = looking(kind)
    hidden = HIDDEN.clone().requires_grad_()
    longer = torch.cat([HIDDEN, torch.full((2, 4, 2), 1e4)], dim=1)
    pooled = pooling(hidden, MASK)
    mask = torch.cat([MASK, torch.zeros(2, 4, dtype=torch.bool)], dim=1)
    torch.testing.assert_close(pooling(longer, mask), pooled)
    pooled.sum().backward()
    assert hidden.grad[~MASK].count_nonzero() == 0
    assert hidden.grad[MASK].count_nonzero() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_may_stand_anywhere_in_its_row(kind: PoolingKind) -> None:
    pooling = looking(kind)
    outside = torch.full((2, 2, 2), 1e4)
    mask = torch.tensor([[False, False, True, True, True, False, False], [False, False, True] + [False] * 4])
    torch.testing.assert_close(pooling(torch.cat([outside, HIDDEN, outside], dim=1), mask), pooling(HIDDEN, MASK))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_without_text_becomes_zeros_and_leaves_finite_gradients(kind: PoolingKind) -> None:
    pooling = looking(kind)
    hidden = HIDDEN.clone().requires_grad_()
    pooled = pooling(hidden, torch.tensor([[False] * 3, [True, True, False]]))
    assert pooled[0].count_nonzero() == 0
    pooled.sum().backward()
    assert all(tensor.grad.isfinite().all() for tensor in (hidden, *pooling.parameters()))
    assert hidden.grad[0].count_nonzero() == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_shape_and_dtype(kind: PoolingKind, dtype: torch.dtype) -> None:
    pooled = looking(kind).to(dtype)(HIDDEN.to(dtype), MASK)
    assert (pooled.shape, pooled.dtype) == ((2, 2), dtype)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("attention*2", "first"),
        ("positions[kind=sinusoid] > attention[heads=2]", "first"),
        ("lstm > attention*2", "first"),
        ("(attention > cnn)*2", "first"),
        ("attention | lstm > attention", "first"),
        ("lstm*2", "mean"),
        ("cnn*3", "mean"),
        ("attention*4 | lstm*2", "mean"),
        ("attention[window=16]*2", "mean"),
        ("attention[sees=past]", "mean"),
    ],
)
def test_bert_is_read_at_its_first_position_and_an_encoder_that_sees_less_there_by_its_mean(
    expression: str, expected: str
) -> None:
    assert natural_pooling(parse(expression)) == expected


def class_scores(head: ClassHead, pooled: Tensor) -> Tensor:
    hidden = pooled if head.dense is None else (pooled @ head.dense.weight.T + head.dense.bias).tanh()
    return hidden @ head.classes.weight.T + head.classes.bias


@pytest.mark.parametrize("transform", [True, False])
def test_classes_are_scored_from_the_pooled_vector(transform: bool) -> None:
    head = ClassHead(2, classes=3, pooling="last", transform=transform)
    torch.testing.assert_close(head(HIDDEN, MASK), class_scores(head, torch.tensor(EXPECTED["last"])))


@pytest.mark.parametrize(("pooling", "of_pooling"), [("mean", 0), ("attentive", 2 * 2 * 7 * 4)])
def test_a_class_head_declares_the_operations_of_its_products(pooling: PoolingKind, of_pooling: int) -> None:
    assert ClassHead(4, classes=3, pooling=pooling).flops(7) == of_pooling + 2 * 4 * 4 + 2 * 4 * 3
    assert ClassHead(4, classes=3, pooling=pooling, transform=False).flops(7) == of_pooling + 2 * 4 * 3


def test_two_texts_are_compared_by_their_vectors_difference_and_product() -> None:
    head = ComparisonHead(2, classes=3, pooling="mean")
    segments = torch.tensor([[0, 1, 1], [0, 0, 0]])
    u, v = torch.tensor([[1.0, 5.0], [-3.0, -1.0]]), torch.tensor([[1.0, 0.5], [0.0, 0.0]])
    read = torch.cat([u, v, (u - v).abs(), u * v], dim=1)
    dense = (read @ head.dense.weight.T + head.dense.bias).tanh()
    torch.testing.assert_close(head(HIDDEN, MASK, segments), dense @ head.classes.weight.T + head.classes.bias)
    assert head.flops(7) == 2 * 8 * 2 + 2 * 2 * 3


def test_a_pretraining_head_that_is_called_scores_tokens() -> None:
    tokens = VocabularyHead(nn.Embedding(9, 2), tied=True, transform=True, epsilon=1e-5)
    head = PretrainingHead(tokens, ClassHead(2, classes=2, pooling="mean"))
    torch.testing.assert_close(head(HIDDEN[0]), tokens(HIDDEN[0]))
    assert head.pair(HIDDEN, MASK).shape == (2, 2)


def test_a_new_head_begins_without_an_opinion_even_on_the_maximum_of_many_positions() -> None:
    torch.manual_seed(0)
    hidden, mask = torch.randn(64, 400, 128), torch.ones(64, 400, dtype=torch.bool)
    scores = ClassHead(128, classes=2, pooling="max", transform=False)(hidden, mask)
    loss = nn.functional.cross_entropy(scores, torch.arange(64) % 2)
    assert abs(loss.item() - math.log(2)) < 0.3
