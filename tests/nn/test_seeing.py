"""One set of weights that sees both sides, or for a while the past only."""

import pytest
import torch

from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse

EXPRESSIONS = [
    "lstm*2",
    "gru",
    "rnn",
    "mingru > minlstm",
    "attention*2",
    "attention[window=3] > gru",
    "cnn[kernel=5]*2",
    "attention | lstm > cnn",
]
IDS = torch.arange(3 * 9).reshape(3, 9) % 20
MASK = torch.ones_like(IDS, dtype=torch.bool)


def encoder(expression: str) -> Encoder:
    torch.manual_seed(0)
    return Encoder(
        parse(expression), vocabulary=20, width=8, sees="both", max_length=9, positions="rotary"
    ).double().eval()  # fmt: skip


def reached(model: Encoder, place: int) -> list[int]:
    """The inputs that output `place` depends on."""
    vectors = model.embedding(IDS).detach().requires_grad_()
    weights = torch.linspace(-1, 1, 8, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((model.body(vectors, MASK)[:, place] * weights).sum(), vectors)
    return gradient.abs().sum(dim=(0, 2)).nonzero()[:, 0].tolist()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_encoder_told_to_see_the_past_depends_on_nothing_behind_and_then_on_both_sides_again(
    expression: str,
) -> None:
    model = encoder(expression)
    before = model(IDS, MASK)
    assert max(reached(model, 4)) > 4
    with model.seeing("past"):
        for place in range(9):
            assert max(reached(model, place)) == place
        assert not torch.allclose(model(IDS, MASK), before)
    assert torch.equal(model(IDS, MASK), before)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("cut", [1, 6])
def test_it_then_reads_in_pieces_what_it_reads_at_once(expression: str, cut: int) -> None:
    model = encoder(expression)
    with model.seeing("past"):
        state, first = model.extend(model.start(3), IDS[:, :cut])
        _, second = model.extend(state, IDS[:, cut:])
        torch.testing.assert_close(torch.cat([first, second], dim=1), model(IDS, MASK))


def test_a_mixer_that_was_written_to_see_the_past_stays_so() -> None:
    model = encoder("lstm[sees=past] > cnn[sees=past]")
    with model.seeing("both"):
        assert [max(reached(model, place)) for place in range(9)] == list(range(9))


def test_an_error_inside_leaves_the_encoder_as_it_was() -> None:
    model = encoder("lstm")
    before = model(IDS, MASK)
    with pytest.raises(ValueError, match="inside"), model.seeing("past"):
        raise ValueError("inside")
    assert torch.equal(model(IDS, MASK), before)
