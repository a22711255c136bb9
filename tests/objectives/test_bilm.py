"""Language modelling both ways: who is told what, by which half, and what the two directions share."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from running import tiny, trained
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.data.store import Store
from tandem.lab.assemble import assemble, build_model, check
from tandem.lab.events import Notice
from tandem.lab.folder import open_run
from tandem.lab.run import train_run
from tandem.nn.model import Model
from tandem.objectives.bilm import Bilm
from tandem.text.tokenizer import Tokenizer, train_tokenizer
from tandem.train.loop import Step

ENCODERS = ["lstm*2", "attention*2", "attention | lstm", "gru > attention"]
every_encoder = pytest.mark.parametrize("encoder", ENCODERS)
TEXTS = [[5, 6, 7, 8], [9], [10, 11]]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["abcdefgh"], kind="char", size=13)


def model_for(book: Path, encoder: str) -> tuple[Bilm, Model]:
    made = assemble(tiny(book, task="bilm", encoder=encoder, model__dropout=0.0, tokenizer__kind="char"))
    assert isinstance(made.objective, Bilm)
    return made.objective, made.model


class Likes(nn.Module):
    """A head that keeps what it was given, and scores token n by the first unit times n."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Tensor] = []

    def forward(self, chosen: Tensor) -> Tensor:
        self.given.append(chosen)
        return chosen[:, :1] * torch.arange(13.0)


def test_of_two_neighbours_each_is_told_from_its_own_side(tokenizer: Tokenizer) -> None:
    objective, head = Bilm(tokenizer), Likes()
    batch = objective.collate(padded(TEXTS), key=0)
    assert batch.ids.tolist() == [[5, 6, 7, 8], [9, 0, 0, 0], [10, 11, 0, 0]]
    assert batch.tokens == 7
    # Hidden states that say where they stand: one half is the place, the other its negative.
    place = torch.arange(12.0).reshape(3, 4, 1)
    outcome = objective.loss(head, torch.cat([place, -place], dim=-1), batch)
    assert [given.flatten().tolist() for given in head.given] == [[0, 1, 2, 8], [-1, -2, -3, -9]]

    def expected(places: list[float], labels: list[int]) -> float:
        scores = torch.tensor(places)[:, None] * torch.arange(13.0)
        return F.cross_entropy(scores, torch.tensor(labels), reduction="sum").item()

    backward = outcome.also["backward"]
    assert outcome.loss_sum.item() == pytest.approx(expected([0, 1, 2, 8], [6, 7, 8, 11]))
    assert backward.loss_sum.item() == pytest.approx(expected([-1, -2, -3, -9], [5, 6, 7, 10]))
    assert outcome.count == backward.count == 4
    assert outcome.loss.item() == pytest.approx((outcome.loss_sum.item() + backward.loss_sum.item()) / 4)


def test_answers_are_counted_in_each_direction(tokenizer: Tokenizer) -> None:
    objective = Bilm(tokenizer)
    batch = objective.collate(padded([[12, 12, 0, 12]]), key=0)
    outcome = objective.loss(Likes(), torch.tensor([[[1.0, -1.0]]]).expand(1, 4, 2), batch)
    # Ahead 12 is said and 12, 0, 12 are right; behind 0 is said and 12, 12, 0 are right.
    assert (int(outcome.correct), int(outcome.also["backward"].correct)) == (2, 1)


@every_encoder
def test_no_token_reaches_a_state_that_must_tell_it(encoder: str, book: Path) -> None:
    objective, model = model_for(book, encoder)
    batch = objective.collate(padded([list(range(5, 12)), list(range(12, 16))]), key=0)
    vectors = model.encoder.embedding(batch.ids).detach().requires_grad_()
    ahead, behind = model.encoder.body(vectors, batch.mask).chunk(2, dim=-1)
    length = int(batch.mask[1].sum())
    for place in range(length):
        (seen,) = torch.autograd.grad(ahead[1, place, 0], vectors, retain_graph=True)
        assert seen[1, place + 1 :].count_nonzero() == 0
        assert seen[1, place].count_nonzero() > 0
        (seen,) = torch.autograd.grad(behind[1, place, 0], vectors, retain_graph=True)
        assert seen[1, :place].count_nonzero() == seen[1, length:].count_nonzero() == 0
        assert seen[1, place].count_nonzero() > 0


@every_encoder
def test_padding_changes_no_loss(encoder: str, book: Path) -> None:
    objective, model = model_for(book, encoder)

    def losses(texts: list[list[int]]) -> list[float]:
        batch = objective.collate(padded(texts), key=0)
        outcome = objective.loss(model.head, model.encoder(batch.ids, batch.mask), batch)
        return [outcome.loss_sum.item(), outcome.also["backward"].loss_sum.item()]

    alone = [losses([text]) for text in TEXTS]
    assert losses(TEXTS) == pytest.approx(np.sum(alone, axis=0).tolist(), rel=1e-5)


@every_encoder
def test_both_directions_share_one_embedding_and_one_head_and_nothing_else(encoder: str, book: Path) -> None:
    objective, model = model_for(book, encoder)
    names = list(model.weights())
    assert [name for name in names if not name.startswith("encoder.body.")] == [
        "encoder.embedding.weight", "head.decode.bias",
    ]  # fmt: skip
    assert model.head.decode.weight is model.encoder.embedding.weight
    batch = objective.collate(padded([[5, 6, 7, 8, 9]]), key=0)
    for term, other in (("ahead", "behind"), ("behind", "ahead")):
        model.zero_grad()
        outcome = objective.loss(model.head, model.encoder(batch.ids, batch.mask), batch)
        (outcome if term == "ahead" else outcome.also["backward"]).loss_sum.backward()
        touched = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
        assert {"encoder.embedding.weight", "head.decode.bias"} < touched
        assert any(name.startswith(f"encoder.body.{term}.") for name in touched)
        assert not any(name.startswith(f"encoder.body.{other}.") for name in touched)


def test_without_a_tie_the_head_is_still_one_for_both(book: Path) -> None:
    recipe = tiny(book, task="bilm", objective__tied=False)
    model = assemble(recipe).model
    assert model.head.decode.weight is not model.encoder.embedding.weight
    assert [name for name in model.weights() if name.startswith("head.")] == ["head.decode.weight", "head.decode.bias"]


def test_a_row_of_one_token_tells_nothing_and_can_be_trained_on(book: Path) -> None:
    objective, model = model_for(book, "lstm")
    batch = objective.collate(padded([[5], [6]]), key=0)
    outcome = objective.loss(model.head, model.encoder(batch.ids, batch.mask), batch)
    assert (outcome.loss.item(), outcome.count, outcome.accuracy) == (0.0, 0, 0.0)
    outcome.loss.backward()


@pytest.mark.parametrize("transform", [True, False])
def test_declared_operations_of_the_head_are_those_that_torch_counts(transform: bool, tokenizer: Tokenizer) -> None:
    objective, width = Bilm(tokenizer, transform=transform), 8
    head = objective.head(nn.Embedding(tokenizer.size, width), width=2 * width, epsilon=1e-5)
    batch = objective.collate(padded([list(range(5, 12))]), key=0)
    with FlopCounterMode(display=False) as counter:
        objective.loss(head, torch.zeros(1, 7, 2 * width), batch)
    assert objective.head_flops(head, 7) == counter.get_total_flops()


def test_the_baseline_guesses_what_follows_by_frequency(tokenizer: Tokenizer, tmp_path: Path) -> None:
    counts = np.zeros(tokenizer.size, dtype=np.int64)
    counts[6] = 9
    counts.tofile(tmp_path / "counts.i64")
    objective = Bilm(tokenizer)
    outcome = objective.baseline(Store(tmp_path, tokenizer, {}), objective.collate(padded(TEXTS), key=0))
    share = 1 / (9 + tokenizer.size)
    assert outcome.loss_sum.item() == pytest.approx(-(math.log(10 * share) + 3 * math.log(share)))
    assert (outcome.count, outcome.correct) == (4, 1)


@pytest.mark.parametrize("encoder", ["lstm", "attention"])
def test_a_training_learns_both_directions_and_is_opened_again(encoder: str, book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, task="bilm", encoder=encoder, budget__steps=60, optimiser__learning_rate=0.02)
    result = json.loads((trained(recipe, tmp_path / "run") / "scores.json").read_text())
    scores = result["scores"]["test"]
    assert scores["loss"] < scores["baseline_loss"] - 0.5
    assert scores["more"]["backward loss"] < scores["baseline_loss"] - 0.5
    assert scores["more"]["perplexity"] == pytest.approx(math.exp(scores["loss"]))
    run = open_run(tmp_path / "run")
    assert run.model.encoder.width == 2 * recipe.model.width
    declared = run.model.encoder.flops(16) + run.objective.head_flops(run.model.head, 16)
    assert result["flops_per_token"] == pytest.approx(declared / 16)


def test_a_run_that_was_stopped_ends_with_the_bits_of_one_that_was_not(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, task="bilm", encoder="attention | lstm", budget__steps=8, train__checkpoint_seconds=0.0)
    whole = trained(recipe, tmp_path / "whole")
    events = train_run(recipe, tmp_path / "cut")
    steps = (event for event in events if isinstance(event, Step))
    while next(steps).step < 5:
        pass
    events.close()
    again = list(train_run(recipe, tmp_path / "cut"))
    assert any(isinstance(event, Notice) and "continuing after step" in event.text for event in again)
    for name in ("weights.safetensors", "log.jsonl", "scores.json"):
        assert (whole / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


def test_the_first_weights_are_a_function_of_the_seed(book: Path) -> None:
    recipe = tiny(book, task="bilm")
    objective = assemble(recipe).objective
    one, other = (build_model(recipe, objective).weights() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_part_that_sees_both_sides_is_refused_before_training(book: Path) -> None:
    with pytest.raises(UsageError, match="the past only"):
        check(tiny(book, task="bilm", encoder="attention[sees=both]"))
