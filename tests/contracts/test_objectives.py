"""What every objective keeps, on a small made corpus of its kind and over two encoders."""

import importlib
import inspect
import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from made import META, OneDevice
from numpy.typing import NDArray
from safetensors.torch import load, save
from shelf import Cards
from torch import Tensor

from tandem.core import parts
from tandem.core.choices import CorpusKind
from tandem.core.config import checked_recipe
from tandem.core.tables import OptimiserTable
from tandem.data.rows import Rows
from tandem.data.store import Store, prepare
from tandem.lab.assemble import OBJECTIVES, build_model
from tandem.nn.cost import parameters
from tandem.nn.model import Model
from tandem.objectives.base import Objective, Outcome
from tandem.text.example import Example
from tandem.train.carried import hidden_states
from tandem.train.optimiser import Optimiser

NAMES = parts.names(OBJECTIVES)
LENGTH = 24
SEQUENCES = np.arange(5)
LABELS: dict[str, tuple[str, ...]] = {"label": ("yes", "no"), "pair": ("yes", "no"), "tags": ("D", "N", "V")}

every_objective = pytest.mark.parametrize("name", NAMES)
every_encoder = pytest.mark.parametrize("encoder", ["attention*2", "lstm"])


def example(kind: CorpusKind, number: int) -> Example:
    """One of some examples of any kind, two in each document."""
    first, second = (
        ("The dog ran. A cat saw it.", "We wait. Dogs ran!") if number % 3 else ("It saw us. We ran.", "No.")
    )
    document = str(number // 2)
    match kind:
        case "text" | "contrast":
            return Example(first, document, None if kind == "text" else second)
        case "translation":
            # Pairs that are too long are left out, and every other text is cut.
            return Example(first.partition(".")[0], document, second)
        case "label" | "pair":
            return Example(first, document, second if kind == "pair" else None, ("yes", "no")[number % 2])
        case "score":
            return Example(first, document, second, number % 5 / 2)
        case "tags":
            return Example("the dog ran", document, None, ("D", "N", "V"))


@pytest.fixture(scope="module")
def stores() -> dict[str, Store]:
    """A store of each kind of corpus, the same text in every split."""
    made = {}
    for kind in get_args(CorpusKind):
        splits = {split: [example(kind, number) for number in range(12)] for split in ("train", "validation")}
        corpus = Cards(kind, splits, LABELS.get(kind, ()))
        made[kind] = prepare(corpus, f"cards-{kind}", options={}, tokenizer={"kind": "char", "size": 60})
    return made


def objective_class(name: str) -> type[Objective]:
    return parts.load_class(OBJECTIVES, name, Objective)


def made(name: str, stores: dict[str, Store]) -> tuple[Objective, Store]:
    part = objective_class(name)
    store = stores[part.kinds[0]]
    return part(store.tokenizer, store.labels), store


def model_for(objective: Objective, encoder: str = "attention*2") -> Model:
    """A model with biases that are not zero, in double precision and without dropout."""
    recipe = checked_recipe(
        {"encoder": encoder, "model": {"width": 8}, "data": {"length": LENGTH}, "budget": {"steps": 1}}, where="test"
    )
    model = build_model(recipe, objective).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    return model


def read(objective: Objective, store: Store, sequences: NDArray[np.int64], *, key: int = 3) -> Rows:
    return objective.source(store, "train", pack="windows", length=LENGTH).rows(sequences, key=key)


def outcome_of(objective: Objective, model: Model, rows: Rows, *, key: int = 3) -> Outcome:
    batch = objective.collate(rows, key=key)
    return objective.loss(model.head, hidden_states(model, batch, None), batch)


def sums(outcome: Outcome) -> dict[str, tuple[float, float, int]]:
    """Loss, right answers and their number, of every term."""
    terms = {"": outcome, **outcome.also}
    return {name: (term.loss_sum.item(), int(term.correct), term.count) for name, term in terms.items()}


@every_objective
def test_collating_is_a_pure_function_of_key_and_sequence_number(name: str, stores: dict[str, Store]) -> None:
    objective, store = made(name, stores)
    other, _ = made(name, stores)
    first, again = (vars(each.collate(read(each, store, SEQUENCES), key=3)) for each in (objective, other))
    for field, value in first.items():
        same = torch.equal(value, again[field]) if isinstance(value, Tensor) else value == again[field]
        assert same, field


@every_objective
@every_encoder
def test_no_hidden_state_is_missed_where_a_batch_says_which_are_read(
    name: str, encoder: str, stores: dict[str, Store]
) -> None:
    objective, store = made(name, stores)
    model = model_for(objective, encoder)
    batch = objective.collate(read(objective, store, SEQUENCES), key=3)
    assert batch.only_places == (objective.share_read < 1)
    hidden = [hidden_states(model, one, None) for one in (batch, replace(batch, only_places=False))]
    some, whole = (sums(objective.loss(model.head, states, batch)) for states in hidden)
    assert {term: pytest.approx(values) for term, values in whole.items()} == some


@every_objective
@every_encoder
def test_a_batch_loses_what_its_sequences_lose_alone_in_any_order(
    name: str, encoder: str, stores: dict[str, Store]
) -> None:
    objective, store = made(name, stores)
    model = model_for(objective, encoder)
    together = sums(outcome_of(objective, model, read(objective, store, SEQUENCES)))
    assert together[""][2] > 0
    turned = sums(outcome_of(objective, model, read(objective, store, SEQUENCES[::-1].copy())))
    alone = [sums(outcome_of(objective, model, read(objective, store, SEQUENCES[n : n + 1]))) for n in SEQUENCES]
    for term, (loss, correct, count) in together.items():
        assert turned[term] == pytest.approx((loss, correct, count), rel=1e-5)
        assert sum(one[term][0] for one in alone) == pytest.approx(loss, rel=1e-5)
        assert sum(one[term][1] for one in alone) == correct
        assert sum(one[term][2] for one in alone) == count


@every_objective
@every_encoder
def test_what_is_minimised_reaches_every_parameter(name: str, encoder: str, stores: dict[str, Store]) -> None:
    objective, store = made(name, stores)
    model = model_for(objective, encoder)
    outcome = outcome_of(objective, model, read(objective, store, SEQUENCES))
    assert outcome.loss.item() == pytest.approx(
        sum(loss / max(1, count) for loss, _, count in sums(outcome).values()), rel=1e-5
    )
    outcome.loss.backward()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert [name for name, p in trained.items() if p.grad is None or not p.grad.count_nonzero()] == []


@every_objective
def test_the_baseline_is_a_finite_guess_at_the_same_questions(name: str, stores: dict[str, Store]) -> None:
    objective, store = made(name, stores)
    batch = objective.collate(read(objective, store, SEQUENCES), key=3)
    guess = objective.baseline(store, batch)
    assert 0 < guess.loss_sum.item() < math.inf
    assert guess.count == outcome_of(objective, model_for(objective), read(objective, store, SEQUENCES)).count
    assert 0 <= int(guess.correct) <= guess.count


@every_objective
def test_a_head_costs_operations_that_grow_with_the_text_or_stay(name: str, stores: dict[str, Store]) -> None:
    objective, _ = made(name, stores)
    model = model_for(objective)
    short, long = (objective.head_flops(model.head, length) for length in (LENGTH, 10 * LENGTH))
    assert 0 < short <= long < math.inf
    counted = parameters(model)
    assert counted.total == sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert counted.head >= 0


@every_objective
@every_encoder
def test_saved_and_loaded_weights_lose_the_same(name: str, encoder: str, stores: dict[str, Store]) -> None:
    objective, store = made(name, stores)
    model, other = (model_for(objective, encoder) for _ in range(2))
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    rows = read(objective, store, SEQUENCES)
    expected = sums(outcome_of(objective, model, rows))
    assert sums(outcome_of(objective, other, rows)) != expected
    other.load_weights(load(save(model.weights())), where="test")
    assert sums(outcome_of(objective, other, rows)) == expected


@every_objective
def test_rows_are_left_as_they_are(name: str, stores: dict[str, Store]) -> None:
    objective, store = made(name, stores)
    rows = read(objective, store, SEQUENCES)
    before = replace(rows, ids=rows.ids.copy(), mask=rows.mask.copy())
    objective.collate(rows, key=3)
    assert np.array_equal(rows.ids, before.ids)
    assert np.array_equal(rows.mask, before.mask)


@every_objective
def test_the_description_has_its_headings(name: str) -> None:
    described = inspect.getdoc(objective_class(name)) or ""
    headings = ("Reads:", "Head:", "Loss:", "Scores:", "Source:")
    assert [heading for heading in headings if heading not in described] == []


# The terms of `mixed` have as many tokens as its draw of causal rows gives them, which only the host can count.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "mixed"])
def test_a_training_step_stays_on_the_device_of_its_batch_and_does_not_wait_for_it(
    name: str, stores: dict[str, Store]
) -> None:
    objective, store = made(name, stores)
    model = model_for(objective).float().train().to(META)
    batch = objective.collate(read(objective, store, SEQUENCES), key=3).to(META)
    with OneDevice():
        objective.loss(model.head, hidden_states(model, batch, None), batch).loss.backward()
    assert all(p.grad is not None and p.grad.device == META for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("rule", ["adamw", "muon"])
def test_clipping_and_the_optimiser_stay_on_the_device_of_the_weights_and_do_not_wait_for_it(
    rule: str, stores: dict[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Torch would refuse this device what it does on a GPU: lists of tensors at once, and all of AdamW in one kernel.
    monkeypatch.setattr("torch.nn.utils.clip_grad._device_has_foreach_support", lambda _: True)
    adam = importlib.import_module("torch.optim.adam")
    monkeypatch.setattr(adam, "_device_dtype_check_for_fused", lambda *_, **__: None)
    model = model_for(made("mlm", stores)[0], "attention | lstm").float().train().to(META)
    optimiser = Optimiser(model, OptimiserTable(name=rule))
    with OneDevice():
        for _ in range(2):
            for parameter in optimiser.named.values():
                parameter.grad = torch.ones_like(parameter)
            assert optimiser.clip_gradients().device == META
            optimiser.step(1.0)
    assert {tensor.device for tensor in optimiser.state().values()} == {META}
