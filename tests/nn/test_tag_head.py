"""Scores of tags, and what a word's letters tell."""

import torch

from tandem.nn.tag_head import LETTER_WIDTH, WINDOW, Spelt, TagHead

LETTERS = torch.tensor([[1, 2, 3, 0, 0], [3, 3, 2, 1, 4], [2, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


def spelt(filters: int = 6) -> Spelt:
    torch.manual_seed(0)
    made = Spelt(5, filters=filters)
    with torch.no_grad():
        made.convolution.bias.normal_()
    return made


def test_a_word_is_the_largest_of_each_filter_over_its_windows_of_three_letters() -> None:
    made = spelt(1)
    (word,) = made(LETTERS[:1, :3])
    letters = torch.cat([torch.zeros(1, LETTER_WIDTH), made.embedding(LETTERS[0, :3]), torch.zeros(1, LETTER_WIDTH)])
    windows = [
        (letters[at : at + WINDOW].T * made.convolution.weight[0]).sum() + made.convolution.bias[0] for at in range(3)
    ]
    torch.testing.assert_close(word[0], torch.stack(windows).max().relu())


def test_a_word_says_the_same_beside_longer_ones_and_without_letters_nothing() -> None:
    made = spelt()
    together = made(LETTERS)
    for row, length in enumerate([3, 5, 1]):
        torch.testing.assert_close(together[row : row + 1], made(LETTERS[row : row + 1, :length]))
    assert together[3].count_nonzero() == 0
    assert together[:3].count_nonzero() > 0


def test_a_word_without_letters_gives_finite_gradients() -> None:
    made = spelt()
    made(LETTERS).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in made.parameters())
    assert made.embedding.weight.grad is not None
    assert made.embedding.weight.grad[0].count_nonzero() == 0


def test_scores_depend_on_hidden_state_and_spelling() -> None:
    torch.manual_seed(1)
    head = TagHead(4, tags=3, dropout=0.5, letters=5, filters=6).eval()
    hidden = torch.randn(4, 4)
    scores = head(hidden, LETTERS)
    assert scores.shape == (4, 3)
    torch.testing.assert_close(scores, head.tags(torch.cat([hidden, head.spelt(LETTERS)], dim=-1)))
    assert not torch.allclose(scores, head(hidden, LETTERS.flip(0)))
    plain = TagHead(4, tags=3, dropout=0.0)
    torch.testing.assert_close(plain(hidden), plain.tags(hidden))


def test_operations_are_those_of_the_convolution_and_the_linear_layer() -> None:
    assert TagHead(4, tags=3, dropout=0.0).flops(10, letters=5) == 10 * 2 * 4 * 3
    convolution = 2 * 5 * WINDOW * LETTER_WIDTH * 6
    assert TagHead(4, tags=3, dropout=0.0, letters=9, filters=6).flops(10, letters=5) == 10 * (
        convolution + 2 * (4 + 6) * 3
    )
