"""States: carried, split by rows, saved and put back."""

import pytest
import torch

from tandem.core.errors import UsageError
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.state import mapped, refilled, tensors

IDS = torch.arange(3 * 11).reshape(3, 11) % 20
EXPRESSIONS = [
    "lstm*2", "attention*2", "attention[window=3] > gru", "(cnn | rnn)[merge=gate] > attention",
    "positions[kind=learned] > attention*2 | lstm", "positions[kind=sinusoid] > attention[block=post]",
    "positions[kind=distance] > attention",
]  # fmt: skip


def encoder(expression: str) -> Encoder:
    torch.manual_seed(0)
    made = Encoder(
        parse(expression), vocabulary=20, width=8, sees="past", max_length=11, positions="rotary", segments=2
    )
    return made.double().eval()


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("cut", [1, 6])
def test_reading_in_two_pieces_gives_what_reading_at_once_gives(expression: str, cut: int) -> None:
    model = encoder(expression)
    state, first = model.extend(model.start(3), IDS[:, :cut])
    _, second = model.extend(state, IDS[:, cut:])
    torch.testing.assert_close(torch.cat([first, second], dim=1), model(IDS, torch.ones_like(IDS, dtype=torch.bool)))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_state_put_back_from_its_tensors_goes_on_as_before(expression: str) -> None:
    model = encoder(expression)
    state, _ = model.extend(model.start(3), IDS[:, :4])
    saved = [tensor.clone() for tensor in tensors(state)]
    assert saved
    assert all(len(tensor) == 3 for tensor in saved)
    restored = refilled(model.start(3), iter(saved))
    for one, other in zip(model.extend(state, IDS[:, 4:])[1], model.extend(restored, IDS[:, 4:])[1], strict=True):
        assert torch.equal(one, other)


def test_rows_of_a_state_can_be_chosen() -> None:
    model = encoder("attention > lstm")
    state, _ = model.extend(model.start(3), IDS[:, :4])
    chosen = torch.tensor([2, 2, 0])
    _, output = model.extend(mapped(state, lambda tensor: tensor[chosen]), IDS[chosen, 4:])
    torch.testing.assert_close(output, model(IDS, torch.ones_like(IDS, dtype=torch.bool))[chosen, 4:])


def test_learned_positions_end_where_their_table_ends() -> None:
    model = encoder("positions[kind=learned] > attention")
    state, _ = model.extend(model.start(3), IDS)
    with pytest.raises(UsageError, match="12 tokens: this model's learned positions end at 11"):
        model.extend(state, IDS[:, :1])
