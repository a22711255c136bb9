"""Adversarial training: the second reading of a batch is harder, by as much as is said, and is learnt too."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny, trained
from torch import Tensor, nn

from tandem.core.errors import UsageError
from tandem.lab.assemble import assemble
from tandem.lab.events import Event
from tandem.lab.folder import RunFolder
from tandem.lab.run import train_run
from tandem.train.adversarial import with_hardest
from tandem.train.loop import Step

PARITY: dict[str, Any] = {
    "task": "classify", "encoder": "gru", "corpus": {"name": "parity", "rows": 200, "longest": 8},
    "tokenizer": {"kind": "words", "size": 16}, "train__batch_tokens": 64, "budget__steps": 12,
}  # fmt: skip
IDS = torch.tensor([[1, 2, 3], [3, 1, 0]])
MASK = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])


class Reader:
    """Keeps what each reading gave: the vectors of the tokens, (B, T, D), and the loss."""

    def __init__(self, *, trained: bool = True) -> None:
        torch.manual_seed(0)
        self.embedding = nn.Embedding(4, 5)
        self.embedding.weight.requires_grad_(trained)
        self.slopes = nn.Parameter(torch.randn(2, 3, 5))
        self.vectors: list[Tensor] = []
        self.losses: list[float] = []

    def once(self) -> int:
        vectors = self.embedding(IDS)
        loss = (self.slopes * vectors * MASK[..., None]).sum()
        loss.backward()
        self.vectors.append(vectors.detach().clone())
        self.losses.append(loss.item())
        return len(self.losses)


def test_each_text_is_moved_along_its_gradient_by_a_share_of_its_length() -> None:
    reader = Reader()
    assert with_hardest(reader.embedding, reader.once, radius=0.1) == 1
    first, second = reader.vectors
    for row, mask in enumerate(MASK.bool()):
        move, slope = (second - first)[row], reader.slopes.detach()[row] * mask[:, None]
        assert move.norm().item() == pytest.approx(0.1 * first[row][mask].norm().item(), rel=1e-5)
        assert torch.cosine_similarity(move.flatten(), slope.flatten(), dim=0).item() == pytest.approx(1, abs=1e-6)
    assert (second - first)[~MASK.bool()].abs().max() == 0
    assert reader.losses[1] > reader.losses[0]


def test_both_readings_add_to_the_gradients_and_the_table_is_read_as_before_afterwards() -> None:
    reader = Reader()
    with_hardest(reader.embedding, reader.once, radius=0.1)
    expected = (reader.vectors[0] + reader.vectors[1]) * MASK[..., None]
    torch.testing.assert_close(reader.slopes.grad, expected)
    assert reader.embedding.weight.grad is not None
    assert torch.equal(reader.embedding(IDS), reader.vectors[0])


def test_a_frozen_table_is_moved_from_and_stays() -> None:
    reader = Reader(trained=False)
    with_hardest(reader.embedding, reader.once, radius=0.1)
    assert reader.losses[1] > reader.losses[0]
    assert reader.embedding.weight.grad is None


def losses(events: list[Event]) -> list[float]:
    return [event.loss for event in events if isinstance(event, Step)]


def test_what_it_costs_is_told_and_a_stopped_run_goes_on_to_the_same_bits(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, **PARITY, train__adversarial=0.1, train__checkpoint_seconds=0.0)
    whole = list(train_run(recipe, tmp_path / "whole"))
    stopped = train_run(recipe, tmp_path / "stopped")
    next(event for event in stopped if isinstance(event, Step) and event.step == 5)
    stopped.close()
    resumed = list(train_run(recipe, tmp_path / "stopped"))
    assert losses(resumed) == losses(whole)[-len(losses(resumed)) :]
    weights = [RunFolder(tmp_path / name).weights.read_bytes() for name in ("whole", "stopped")]
    assert weights[0] == weights[1]
    plain = trained(tiny(book, **PARITY), tmp_path / "plain")
    costs = [json.loads(RunFolder(each).scores.read_text())["training_flops"] for each in (tmp_path / "whole", plain)]
    assert costs[0] == 2 * costs[1]
    first, *others = losses(whole)
    expected, *plainly = losses(list(train_run(tiny(book, **PARITY), tmp_path / "again")))
    assert first == expected
    assert others != plainly


def test_a_carried_state_is_not_read_twice(book: Path) -> None:
    recipe = tiny(book, task="clm", tokenizer__boundaries=True, objective={"carry": True}, train__adversarial=0.1)
    with pytest.raises(UsageError, match=r"objective\.carry: a carried state is read once; leave out train\.advers"):
        assemble(recipe)
