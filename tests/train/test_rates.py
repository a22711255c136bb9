"""Learning rates by layer, against those computed by hand."""

import pytest
import torch

from tandem.core.tables import OptimiserTable
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.train.optimiser import Optimiser
from tandem.train.rates import rates_of

IDS = torch.arange(12).reshape(3, 4)
MASK = torch.ones(3, 4, dtype=torch.bool)


def model_of(expression: str, *, both_ways: bool = False) -> Model:
    torch.manual_seed(0)
    encoder = Encoder(
        parse(expression), vocabulary=12, width=8, sees="both", max_length=4, segments=2, both_ways=both_ways
    )
    return Model(encoder, VocabularyHead(encoder.embedding, tied=not both_ways, transform=True, epsilon=1e-5))


def factors(model: Model, new: tuple[str, ...] = ("head.",)) -> dict[str, float]:
    """The factor of each part that has one: 0.5 a layer, 10 for what is new."""
    taken = {name for name, _ in model.named_parameters() if not name.startswith(new)}
    found = rates_of(model, taken, layer_decay=0.5, head_rate=10.0)
    return {name: found.get(name, 1.0) for name, _ in model.named_parameters()}


def under(found: dict[str, float], prefix: str) -> set[float]:
    return {factor for name, factor in found.items() if name.startswith(prefix)}


def test_each_layer_has_half_the_rate_of_the_one_above_and_the_embedding_the_least() -> None:
    found = factors(model_of("positions[kind=learned] > norm > attention[block=post]*3"))
    expected = {"head.": 10.0, "encoder.embedding": 0.125, "encoder.segments": 0.125} | {
        f"encoder.body.steps.{step}": factor for step, factor in enumerate([0.125, 0.125, 0.25, 0.5, 1.0])
    }
    assert {prefix: under(found, prefix) for prefix in expected} == {key: {value} for key, value in expected.items()}


def test_a_norm_at_the_end_belongs_to_the_uppermost_layer() -> None:
    assert under(factors(model_of("attention*2")), "encoder.body.norm") == {1.0}
    assert under(factors(model_of("attention > norm > lstm")), "encoder.body.steps.1") == {0.5}


def test_what_is_new_is_no_layer_of_what_was_taken_over() -> None:
    model = model_of("attention*2 > norm > lstm")
    found = factors(model, ("head.", "encoder.body.steps.3."))
    assert [under(found, f"encoder.body.steps.{step}.") for step in range(4)] == [{0.5}, {1.0}, {1.0}, {10.0}]
    assert under(found, "encoder.embedding") == {0.25}


def test_every_branch_counts_its_own_layers_and_a_new_one_none() -> None:
    found = factors(model_of("(attention*3 | lstm)[merge=gate]"))
    branch = "encoder.body.steps.0.branches"
    assert [under(found, f"{branch}.0.steps.{step}") for step in range(3)] == [{0.25}, {0.5}, {1.0}]
    assert under(found, f"{branch}.1") == under(found, "encoder.body.steps.0.weigh") == {1.0}
    assert under(found, "encoder.embedding") == {0.125}
    new = factors(model_of("attention | lstm*5"), ("head.", f"{branch}.1"))
    assert (under(new, f"{branch}.1"), under(new, "encoder.embedding")) == ({10.0}, {0.5})


def test_both_bodies_are_counted_from_their_tops() -> None:
    found = factors(model_of("lstm*2", both_ways=True))
    for body in ("ahead", "behind"):
        assert [under(found, f"encoder.body.{body}.steps.{step}") for step in range(2)] == [{0.5}, {1.0}]


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_a_parameter_moves_as_far_as_its_factor_says(name: str) -> None:
    moved = []
    for rates in ({}, {"encoder.body.steps.0.mixer.output.weight": 0.25, "encoder.embedding.weight": 0.5}):
        model = model_of("attention")
        before = {key: p.detach().clone() for key, p in model.named_parameters()}
        optimiser = Optimiser(model, OptimiserTable(name=name, learning_rate=0.1, weight_decay=0.0), rates=rates)
        torch.nn.functional.cross_entropy(model.head(model.encoder(IDS, MASK).flatten(0, 1)), IDS.flatten()).backward()
        optimiser.step(0.5)
        moved.append({key: p.detach() - before[key] for key, p in model.named_parameters()})
    for key, whole in moved[0].items():
        torch.testing.assert_close(moved[1][key], rates.get(key, 1.0) * whole, atol=1e-6, rtol=1e-4, msg=key)
