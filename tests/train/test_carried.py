"""A state that goes on from batch to batch, through checkpoints too."""

import json
from pathlib import Path
from typing import Any

import torch
from running import tiny, trained
from torch import Tensor

from tandem.data.batch import Batch
from tandem.lab.assemble import assemble
from tandem.lab.evaluate import evaluate
from tandem.lab.events import Event
from tandem.lab.folder import RunFolder, open_run
from tandem.lab.run import train_run
from tandem.train.carried import Carried
from tandem.train.loop import Step

CARRY = {
    "task": "clm", "encoder": "attention[window=5] | lstm > cnn", "tokenizer__kind": "char",
    "objective": {"carry": True}, "train__batch_tokens": 64,
}  # fmt: skip


def test_reading_with_a_state_gives_what_reading_at_once_gives(book: Path) -> None:
    made = assemble(tiny(book, **CARRY))
    ids = torch.arange(5, 35).reshape(2, 15)
    whole = made.model.encoder.eval()(ids, torch.ones_like(ids, dtype=torch.bool))
    carried, seen = Carried(), []
    for piece in ids.split(4, dim=1):
        seen.append(carried.read(made.model, _batch(piece), anew=not seen))
    torch.testing.assert_close(torch.cat(seen, dim=1), whole)
    assert not next(iter(carried.tensors().values())).requires_grad


def test_no_gradient_reaches_the_batch_before(book: Path) -> None:
    made = assemble(tiny(book, **CARRY))
    carried = Carried()
    carried.read(made.model, _batch(torch.arange(5, 9)[None]), anew=True)
    carried.read(made.model, _batch(torch.arange(9, 13)[None]), anew=False)[:, :, 0].sum().backward()
    touched = made.model.encoder.embedding.weight.grad.abs().sum(dim=1).nonzero()[:, 0].tolist()
    assert touched == [9, 10, 11, 12]


def test_evaluation_with_a_state_sees_more_than_the_windows_do(book: Path, tmp_path: Path) -> None:
    changes = {**CARRY, "encoder": "lstm", "budget__steps": 150, "optimiser__learning_rate": 0.02, "data__length": 4}
    run = open_run(trained(tiny(book, **changes), tmp_path / "run"))
    assert run.objective.carry
    store = assemble(run.recipe).store
    carried = evaluate(run.model, run.objective, store, run.recipe, split="test")
    run.objective.carry = False
    alone = evaluate(run.model, run.objective, store, run.recipe, split="test")
    assert carried.count == alone.count
    assert carried.loss < alone.loss - 0.05


def test_a_run_that_was_stopped_ends_with_the_bits_of_one_that_was_not(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, **CARRY, budget__steps=40, train__checkpoint_seconds=0.0)
    whole, broken = RunFolder(trained(recipe, tmp_path / "whole")), RunFolder(tmp_path / "broken")
    windows = sum(1 for line in _lines(whole) if "norm" in line)
    assert windows == 40
    for stop in (3, 17, 29):
        for event in train_run(recipe, broken.path):
            if _is_step(event, stop):
                break
    trained(recipe, broken.path)
    assert _lines(broken) == _lines(whole)
    assert broken.weights.read_bytes() == whole.weights.read_bytes()


def _batch(ids: Tensor) -> Batch:
    return Batch(ids, torch.ones_like(ids, dtype=torch.bool), ids.numel())


def _is_step(event: Event, number: int) -> bool:
    return isinstance(event, Step) and event.step == number


def _lines(folder: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.log.read_text(encoding="utf-8").splitlines()]
