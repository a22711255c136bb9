"""The loop: what a step does, when it ends, and that nothing but seed, step and sequence decides it."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny
from torch import Tensor

from tandem.core.errors import DivergedError
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.data.spans import RunningText
from tandem.data.stream import Position, Stream
from tandem.lab.assemble import Assembly, assemble
from tandem.objectives.mlm import Mlm
from tandem.train.budget import Progress
from tandem.train.loop import Step, numbers_of, train
from tandem.train.optimiser import Optimiser


@dataclass
class Trainer:
    """A model with all that `train` needs to move it."""

    assembly: Assembly
    optimiser: Optimiser
    progress: Progress

    def steps(self) -> Iterator[Step]:
        """The rest of the run."""
        made, recipe = self.assembly, self.assembly.recipe
        source = RunningText(made.store, "train", pack=recipe.data.pack, length=recipe.data.length)
        stream = Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed)
        return train(
            made.model, made.objective, stream, self.optimiser, self.progress,
            recipe=recipe, autocast=False,
        )  # fmt: skip

    def weights(self) -> dict[str, Tensor]:
        """A copy."""
        return {name: tensor.clone() for name, tensor in self.assembly.model.weights().items()}


class Recording(Mlm):
    """Keeps a digest of every batch it makes: which tokens go in, and which are asked for."""

    made: list[str]

    def collate(self, rows: Rows, *, key: int) -> Batch:
        batch = super().collate(rows, key=key)
        parts = (batch.ids, batch.mask, batch.places, batch.labels)
        self.made.append(hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest())
        return batch


def trainer(book: Path, **changes: Any) -> Trainer:
    assembly = assemble(tiny(book, **changes))
    return Trainer(assembly, Optimiser(assembly.model, assembly.recipe.optimiser), Progress())


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_learns_the_book(book: Path) -> None:
    losses = [step.loss for step in trainer(book, budget__steps=120, optimiser__learning_rate=1e-2).steps()]
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])


def test_the_logged_norm_is_the_one_before_clipping_and_clipping_bounds_what_is_used(book: Path) -> None:
    # A gradient clipped far below AdamW's epsilon moves nothing; the norm that is reported stays what it was.
    loose, tight = (trainer(book, optimiser__clip=clip, model__dropout=0.0) for clip in (1e6, 1e-12))
    start = tight.weights()
    one, other = (next(iter(each.steps())) for each in (loose, tight))
    assert one.norm == other.norm > 1e-3
    for each in (loose, tight):
        next(each.steps())
    furthest = max(float((tight.weights()[name] - start[name]).abs().max()) for name in start)
    assert furthest < 1e-4 < max(float((loose.weights()[name] - start[name]).abs().max()) for name in start)


def test_rate_is_the_schedule_in_the_middle_of_what_the_step_spends(book: Path) -> None:
    each = trainer(book, budget__steps=4, schedule__warmup=0.5, schedule__decay="linear", optimiser__learning_rate=0.1)
    assert [step.rate for step in each.steps()] == pytest.approx([0.025, 0.075, 0.075, 0.025])


def test_a_budget_of_steps_is_exact(book: Path) -> None:
    steps = list(trainer(book, budget__steps=7).steps())
    assert [step.step for step in steps] == list(range(1, 8))
    assert steps[-1].spent == 1.0


@pytest.mark.parametrize(("dial", "limit"), [("tokens", 1500), ("flops", 2e8), ("seconds", 0.2)])
def test_other_budgets_end_with_the_first_step_that_reaches_them(dial: str, limit: float, book: Path) -> None:
    each = trainer(book, **{f"budget__{dial}": limit})
    seen = [0.0]
    for _ in each.steps():
        seen.append(float(getattr(each.progress, dial)))
    assert seen[-2] < limit <= seen[-1]
    assert next(each.steps(), None) is None


def test_tokens_are_counted_without_padding_and_positions_with_it(book: Path) -> None:
    each = trainer(book, budget__steps=30, data__pack="sentences", data__length=12, train__batch_tokens=1000)
    last = list(each.steps())[-1]
    source = RunningText(each.assembly.store, "train", pack="sentences", length=12)
    read = islice(Stream(source, batch_tokens=1000, seed=0).after(Position()), 30)
    expected = sum(int(source.lengths(sequences).sum()) for sequences, _, _ in read)
    assert last.tokens == each.progress.tokens == expected
    assert expected < each.progress.positions <= 30 * 1000


def test_numbers_of_every_kind_are_told_exactly() -> None:
    single, half = torch.tensor(0.1), torch.tensor(1 / 3, dtype=torch.bfloat16)
    count, nothing = torch.tensor(2**40 + 1), torch.tensor(float("nan"))
    *exact, last = numbers_of(single, 3, half, count, nothing)
    assert exact == [single.item(), 3, half.item(), 2**40 + 1]
    assert math.isnan(last)


@pytest.mark.parametrize("task", ["mlm", "bilm"])
def test_a_step_asks_the_device_for_its_numbers_once(task: str, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    each, asked = trainer(book, task=task, encoder="lstm"), []
    with monkeypatch.context() as patch:
        for name in ("item", "tolist", "__float__", "__int__", "__bool__", "numpy"):
            method = getattr(Tensor, name)
            patch.setattr(Tensor, name, lambda self, *a, _m=method, _n=name: asked.append(_n) or _m(self, *a))
        step = next(each.steps())
    assert asked == ["tolist"]
    assert step.loss > 0
    assert set(step.also) == ({"backward loss", "backward accuracy"} if task == "bilm" else set())


@pytest.mark.parametrize("encoder", ["lstm", "attention"])
def test_operations_are_three_forward_passes_for_every_position(encoder: str, book: Path) -> None:
    each = trainer(book, encoder=encoder, budget__steps=1)
    next(each.steps())
    model, objective = each.assembly.model, each.assembly.objective
    rows, rest = divmod(each.progress.positions, 16)
    assert rest == 0
    whole = model.encoder.flops(16) + objective.head_flops(model.head, 16)
    # The last feed-forward network reads what is told alone.
    spared = (1 - objective.rate) * model.encoder.spared_flops(16)
    assert (spared > 0) == (encoder == "attention")
    assert each.progress.flops == pytest.approx(3 * rows * (whole - spared))


@pytest.mark.parametrize("encoder", ["lstm", "attention | gru"])
def test_a_run_in_two_parts_equals_one_in_one(encoder: str, book: Path) -> None:
    straight = trainer(book, encoder=encoder)
    whole = list(straight.steps())

    first = trainer(book, encoder=encoder)
    steps = first.steps()
    early = [next(steps) for _ in range(3)]
    second = trainer(book, encoder=encoder)
    second.assembly.model.load_weights(first.weights(), where="test")
    second.optimiser.load_state(first.optimiser.state())
    second.progress = Progress.from_json(first.progress.to_json())
    torch.manual_seed(99)
    assert early + list(second.steps()) == whole
    assert equal(second.weights(), straight.weights())


def test_random_numbers_that_others_draw_in_between_change_nothing(book: Path) -> None:
    quiet, disturbed = (trainer(book, model__dropout=0.3) for _ in range(2))
    expected = [step.loss for step in quiet.steps()]
    got = []
    for step in disturbed.steps():
        torch.rand(step.step)
        got.append(step.loss)
    assert got == expected


def test_dropout_is_drawn_anew_for_every_step_and_seed(book: Path) -> None:
    drawn = [torch.rand(1).item() for seed in (0, 1) for _ in trainer(book, seed=seed).steps()]
    assert len(set(drawn)) == 12


def test_a_loss_that_is_not_finite_stops_the_run_before_that_step(book: Path) -> None:
    each = trainer(book)
    steps = each.steps()
    next(steps)
    with torch.no_grad():
        each.assembly.model.encoder.embedding.weight[:] = torch.inf
    before, state = each.weights(), each.progress.to_json()
    with pytest.raises(DivergedError, match=r"step 2: the loss is nan.*lower optimiser\.learning_rate"):
        next(steps)
    assert equal(each.weights(), before)
    assert each.progress.to_json() == state


def batches(book: Path, **changes: Any) -> list[str]:
    each = trainer(book, budget__tokens=9000, **changes)
    recording = Recording(each.assembly.store.tokenizer)
    recording.made = []
    each.assembly = Assembly(each.assembly.recipe, each.assembly.store, recording, each.assembly.model)
    list(each.steps())
    return recording.made


def test_two_architectures_of_one_seed_read_the_same_tokens_under_the_same_masks(book: Path) -> None:
    one, other = (batches(book, encoder=encoder) for encoder in ("lstm", "attention | cnn"))
    assert one == other
    # Two epochs of one book: no batch comes twice.
    assert len(set(one)) == len(one) > 30


def test_another_seed_reads_other_batches(book: Path) -> None:
    assert not set(batches(book, seed=0)) & set(batches(book, seed=1))
