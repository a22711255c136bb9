"""Which rule moves which parameter, how far, and that an optimiser can be put away and taken up again."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tandem.core.tables import OptimiserTable
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.train.muon import orthogonalised
from tandem.train.optimiser import Optimiser

IDS = torch.arange(12).reshape(3, 4)
MASK = torch.ones(3, 4, dtype=torch.bool)


def model_of(expression: str) -> Model:
    torch.manual_seed(0)
    encoder = Encoder(parse(expression), vocabulary=12, width=8, sees="both", max_length=4)
    return Model(encoder, VocabularyHead(encoder.embedding, tied=True, transform=True, epsilon=1e-5))


def optimiser_of(model: Model, **table: Any) -> Optimiser:
    return Optimiser(model, OptimiserTable(**table))


def learn(model: Model) -> None:
    """Gradients of a loss that every parameter has a part in."""
    hidden = model.encoder(IDS, MASK)
    torch.nn.functional.cross_entropy(model.head(hidden.flatten(0, 1)), IDS.flatten()).backward()


def moved(model: Model, before: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: p.detach() - before[name] for name, p in model.named_parameters()}


def numbers(model: Model) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def norm(model: Model) -> float:
    gradients = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return float(torch.cat(gradients).norm())


def test_clipping_bounds_the_norm_of_all_gradients_and_returns_the_one_before() -> None:
    model = model_of("lstm")
    optimiser = optimiser_of(model, clip=0.01)
    learn(model)
    before = norm(model)
    assert before > 0.01
    assert float(optimiser.clip_gradients()) == pytest.approx(before, rel=1e-5)
    assert norm(model) == pytest.approx(0.01, rel=1e-3)


def test_a_gradient_within_the_bound_is_left_as_it_is() -> None:
    model = model_of("lstm")
    optimiser = optimiser_of(model, clip=1e6)
    learn(model)
    before = norm(model)
    optimiser.clip_gradients()
    assert norm(model) == before


def test_weight_decay_shrinks_matrices_and_never_vectors() -> None:
    # Two equal models with equal gradients: what differs after a step is the decay alone.
    apart = []
    for decay in (0.0, 0.5):
        model = model_of("attention | gru")
        optimiser = optimiser_of(model, weight_decay=decay, learning_rate=0.1)
        learn(model)
        optimiser.step(1.0)
        apart.append(numbers(model))
    plain, decayed = apart
    start = numbers(model_of("attention | gru"))
    for name in plain:
        expected = -0.1 * 0.5 * start[name] if plain[name].dim() >= 2 else torch.zeros_like(plain[name])
        torch.testing.assert_close(decayed[name] - plain[name], expected, atol=1e-6, rtol=1e-4, msg=name)


def test_a_step_is_as_long_as_its_factor_says_and_drops_the_gradients() -> None:
    distances = []
    for factor in (1.0, 0.25):
        model = model_of("lstm")
        before = numbers(model)
        optimiser = optimiser_of(model, learning_rate=0.1, weight_decay=0.0)
        learn(model)
        optimiser.step(factor)
        distances.append(moved(model, before))
        assert all(p.grad is None for p in model.parameters())
    for name in distances[0]:
        torch.testing.assert_close(distances[1][name], 0.25 * distances[0][name], atol=1e-6, rtol=1e-4, msg=name)


def ruled_by_muon(model: Model) -> set[str]:
    optimiser = optimiser_of(model, name="muon")
    learn(model)
    optimiser.step(1.0)
    return {key.removesuffix("/momentum") for key in optimiser.state() if key.endswith("/momentum")}


def test_muon_moves_the_matrices_of_the_body_and_nothing_else() -> None:
    model = model_of("(attention | lstm)[merge=gate]")
    matrices = {n for n, p in model.named_parameters() if p.dim() >= 2 and p.requires_grad}
    assert ruled_by_muon(model) == {name for name in matrices if name.startswith("encoder.body")}
    assert {name.split(".")[0] for name in matrices} == {"encoder", "head"}


def test_a_table_of_positions_is_no_matrix_of_the_body() -> None:
    model = model_of("positions[kind=learned] > attention")
    (table,) = [name for name, _ in model.named_parameters() if name.endswith("table")]
    assert table.startswith("encoder.body")
    chosen = ruled_by_muon(model)
    assert chosen
    assert table not in chosen


def test_adamw_rules_everything_that_is_trained() -> None:
    model = model_of("attention | lstm")
    optimiser = optimiser_of(model)
    learn(model)
    optimiser.step(1.0)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {key.removesuffix("/exp_avg") for key in optimiser.state() if key.endswith("/exp_avg")} == trained


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_an_optimiser_that_was_put_away_goes_on_to_the_same_bits(name: str) -> None:
    straight = model_of("lstm > attention")
    first = optimiser_of(straight, name=name)
    for _ in range(2):
        learn(straight)
        first.step(1.0)
    halfway, state = numbers(straight), {key: value.clone() for key, value in first.state().items()}
    learn(straight)
    first.step(0.5)

    resumed = model_of("lstm > attention")
    resumed.load_weights(halfway, where="test")
    second = optimiser_of(resumed, name=name)
    second.load_state(state)
    learn(resumed)
    second.step(0.5)
    for key, value in numbers(straight).items():
        assert torch.equal(numbers(resumed)[key], value), key
    assert first.state().keys() == second.state().keys()
    assert all(torch.equal(value, second.state()[key]) for key, value in first.state().items())


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 8, 32), (1, 32, 8)])
def test_products_in_bfloat16_give_about_the_same_direction(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    matrices = torch.randn(shape)
    exact = orthogonalised(matrices)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = orthogonalised(matrices)
    assert rounded.dtype is torch.float32
    assert 0 < (rounded - exact).norm() < 0.05 * exact.norm()
