"""Fresh weights: all written on purpose, all from the seed, and as the papers say."""

from collections.abc import Iterator

import pytest
import torch
from test_encoder import EXPRESSIONS
from torch import nn

from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.mixers.attention import Attention
from tandem.nn.mixers.cnn import Cnn
from tandem.nn.model import Model
from tandem.nn.positions import Positions, sinusoid
from tandem.nn.recurrence import Recurrence

WITH_DEFAULTS = (nn.Linear, nn.Embedding, nn.Conv1d, nn.RNNBase)


@pytest.fixture
def nothing_by_default(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """torch's own initialisation is switched off, and memory that nobody writes is NaN."""
    for part in WITH_DEFAULTS:
        monkeypatch.setattr(part, "reset_parameters", lambda self: None)
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True
    yield
    torch.use_deterministic_algorithms(before[0])
    torch.utils.deterministic.fill_uninitialized_memory = before[1]


def built(expression: str, *, seed: int = 0, width: int = 8, tied: bool = True, positions: str = "learned") -> Model:
    torch.manual_seed(seed)
    encoder = Encoder(parse(expression), vocabulary=30, width=width, sees="both", max_length=12, positions=positions)
    return Model(encoder, VocabularyHead(encoder.embedding, tied=tied, transform=True, epsilon=1e-5))


@pytest.mark.usefixtures("nothing_by_default")
def test_memory_that_nobody_writes_is_seen_by_these_tests() -> None:
    assert nn.Linear(3, 3).weight.isnan().all()
    assert nn.GRU(3, 3).weight_hh_l0.isnan().all()


@pytest.mark.usefixtures("nothing_by_default")
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_parameter_is_initialised_explicitly(expression: str, tied: bool) -> None:
    weights = built(expression, tied=tied).weights()
    assert [name for name, tensor in weights.items() if not tensor.isfinite().all()] == []


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(expression: str) -> None:
    first, again, other = (built(expression, seed=seed).weights() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    fixed = "body.steps.0.table" if "learned-sinusoid" in expression else "none"
    drawn = [name for name in first if first[name].dim() > 1 and not name.endswith(fixed)]
    assert drawn
    assert [name for name in drawn if torch.equal(first[name], other[name])] == []


def test_repeated_parts_have_weights_of_their_own() -> None:
    weights = built("(lstm > attention)*2", positions="none").weights()
    for name in [name for name in weights if name.startswith("encoder.body.steps.0") and weights[name].dim() > 1]:
        assert not torch.equal(weights[name], weights[name.replace("steps.0", "steps.2")])


@pytest.mark.parametrize(("name", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_recurrent_matrices_are_orthogonal_for_each_gate_and_inputs_glorot_uniform(name: str, gates: int) -> None:
    (recurrence,) = (module for module in built(name, width=32).modules() if isinstance(module, Recurrence))
    assert len(recurrence.directions) == 2
    for direction in recurrence.directions:
        for gate in direction.weight_hh_l0.detach().chunk(gates):
            torch.testing.assert_close(gate @ gate.T, torch.eye(16))
        for gate in direction.weight_ih_l0.detach().chunk(gates):
            limit = (6 / (32 + 16)) ** 0.5
            assert 0.9 * limit < gate.abs().max() <= limit


def test_the_forget_gate_of_an_lstm_starts_open_and_every_other_bias_at_zero() -> None:
    for name in ("rnn", "gru", "lstm"):
        (recurrence,) = (module for module in built(name).modules() if isinstance(module, Recurrence))
        for direction in recurrence.directions:
            expected = torch.zeros_like(direction.bias_ih_l0)
            if name == "lstm":
                # torch orders the gates input, forget, cell, output.
                expected[4:8] = 1.0
            assert torch.equal(direction.bias_ih_l0 + direction.bias_hh_l0, expected)
            assert direction.bias_hh_l0.requires_grad == (name == "gru")


def test_projections_start_with_the_spread_of_their_own_shape() -> None:
    model = built("attention > cnn", width=64)
    (attention,) = (module for module in model.modules() if isinstance(module, Attention))
    (convolution,) = (module for module in model.modules() if isinstance(module, Cnn))
    for matrix in (*attention.project.weight.detach().chunk(3), attention.output.weight.detach()):
        assert matrix.std().item() == pytest.approx((2 / (64 + 64)) ** 0.5, rel=0.05)
    assert convolution.convolution.weight.std().item() == pytest.approx((2 / (3 * 64)) ** 0.5, rel=0.05)
    assert model.encoder.embedding.weight.std().item() == pytest.approx(64**-0.5, rel=0.1)


def test_position_tables_start_as_their_kind_says() -> None:
    learned, waves = Positions(64, kind="learned", max_length=50), Positions(64, kind="learned-sinusoid", max_length=50)
    assert learned.table.std().item() == pytest.approx(0.02, rel=0.1)
    assert waves.table[0].count_nonzero() == 0
    assert torch.equal(waves.table[1:], sinusoid(50, 64)[1:])
    assert Positions(64, kind="sinusoid", max_length=50).table is None
