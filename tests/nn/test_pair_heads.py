"""What the heads of pairs compute, by hand, and what they must not depend on."""

import pytest
import torch
from torch import Tensor

from tandem.nn.alignment_head import AlignmentHead
from tandem.nn.heads import ClassHead, ComparisonHead
from tandem.nn.pair_heads import CosineHead, CrossHead, RowHead, Scale, SiameseHead

WIDTH = 4
LENGTHS = [3, 1, 2, 4, 4, 2]


def hidden() -> tuple[Tensor, Tensor]:
    states = torch.randn(6, 4, WIDTH, generator=torch.Generator().manual_seed(1))
    return states, torch.arange(4)[None, :] < torch.tensor(LENGTHS)[:, None]


def means(states: Tensor) -> Tensor:
    return torch.stack([row[:length].mean(dim=0) for row, length in zip(states, LENGTHS, strict=True)])


@pytest.mark.parametrize("product", [False, True])
def test_a_siamese_head_scores_both_vectors_and_their_difference(product: bool) -> None:
    head = SiameseHead(WIDTH, classes=3, pooling="mean", product=product, dropout=0.5).eval()
    states, mask = hidden()
    vectors = means(states)
    for pair, scores in enumerate(head(states, mask)):
        u, v = vectors[2 * pair], vectors[2 * pair + 1]
        compared = torch.cat([u, v, (u - v).abs(), *([u * v] if product else [])])
        torch.testing.assert_close(scores, head.classes.weight @ compared + head.classes.bias)


def test_a_cosine_does_not_know_which_text_is_first_nor_how_long_its_vectors_are() -> None:
    head = CosineHead(WIDTH, pooling="mean")
    states, mask = hidden()
    vectors = means(states)
    expected = [torch.nn.functional.cosine_similarity(vectors[n], vectors[n + 1], dim=0) for n in (0, 2, 4)]
    torch.testing.assert_close(head(states, mask), torch.stack(expected))
    exchanged = torch.tensor([1, 0, 3, 2, 5, 4])
    torch.testing.assert_close(head(7 * states[exchanged], mask[exchanged]), torch.stack(expected))


@pytest.mark.parametrize("inner", [ClassHead, ComparisonHead, AlignmentHead])
def test_a_cross_head_without_classes_tells_one_number_between_0_and_1(inner: type[RowHead]) -> None:
    states, mask = hidden()
    segments = (torch.arange(4) >= 1).long().expand(6, 4) * mask
    classes, number = (CrossHead(WIDTH, inner=inner, classes=count, pooling="mean", dropout=0.0) for count in (3, 0))
    assert classes(states, mask, segments).shape == (6, 3)
    assert classes.scale is None
    told = number(states, mask, segments)
    assert told.shape == (6,)
    assert ((told > 0) & (told < 1)).all()


def test_a_word_that_both_texts_hold_finds_itself_before_anything_is_trained() -> None:
    head = AlignmentHead(64, classes=3, pooling="max")
    words = 4 * torch.nn.functional.normalize(torch.randn(5, 64, generator=torch.Generator().manual_seed(1)), dim=-1)
    row, segments = [0, 1, 2, 3, 4, 2, 0], torch.tensor([[0, 0, 0, 0, 1, 1, 1]])
    weights = head.weights(words[row][None], torch.ones(1, 7, dtype=torch.bool), segments)[0]
    assert weights[0].argmax() == 6
    assert weights[2].argmax() == 5
    assert weights[5].argmax() == 2
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(7))
    assert not weights[:4, :4].any()
    assert not weights[4:, 4:].any()


def test_aligned_scores_know_neither_padding_nor_a_text_that_is_not_there() -> None:
    head = AlignmentHead(WIDTH, classes=3, pooling="mean").eval()
    states, _ = hidden()
    segments, mask = torch.tensor([[0, 1, 1, 0]]), torch.tensor([[True, True, True, False]])
    scores = head(states[:1], mask, segments)
    torch.testing.assert_close(head(states[:1, :3], mask[:, :3], segments[:, :3]), scores)
    alone = head(states[:1, :1], mask[:, :1], segments[:, :1])
    assert alone.isfinite().all()
    torch.testing.assert_close(head(states[:1], torch.tensor([[True, False, False, False]]), segments), alone)


def test_a_scale_is_saved_and_not_trained() -> None:
    scale = Scale()
    assert not scale.ends.requires_grad
    scale.ends.copy_(torch.tensor([1.0, 5.0]))
    assert scale.value(torch.tensor([-0.5, 0.0, 0.25, 1.0, 1.5])).tolist() == [1.0, 1.0, 2.0, 5.0, 5.0]
    again = Scale()
    again.load_state_dict(scale.state_dict())
    assert again.ends.tolist() == [1.0, 5.0]
