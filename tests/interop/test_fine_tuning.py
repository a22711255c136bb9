"""Labels give the loss of the objective, and an exported folder goes on learning in a loop of transformers' kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch.testing import assert_close

import tandem.interop.transformers  # noqa: F401
from tandem.data.rows import padded
from tandem.lab.folder import OpenRun


def test_the_loss_of_masks_is_that_of_the_objective(
    run_of: Callable[[str], OpenRun], exported: Callable[..., Path]
) -> None:
    run = run_of("mlm")
    rows = padded([run.objective.tokenizer.encode(text) for text in ("We wait for the spring wind! " * 2, "Day 3.")])
    batch = next(batch for key in range(9) if len((batch := run.objective.collate(rows, key=key)).labels) > 2)
    hidden = run.model.eval().encoder(batch.ids, batch.mask)
    expected = run.objective.loss(run.model.head, hidden, batch).loss
    labels = torch.full_like(batch.ids, -100)
    labels.view(-1)[batch.places] = batch.labels
    model = transformers.AutoModelForMaskedLM.from_pretrained(exported("mlm"))
    assert_close(model(batch.ids, batch.mask, labels=labels).loss, expected, atol=1e-5, rtol=1e-5)


def test_the_loss_of_what_comes_next_is_that_of_the_objective(
    run_of: Callable[[str], OpenRun], exported: Callable[..., Path]
) -> None:
    run = run_of("clm")
    ids = run.objective.tokenizer.encode("We wait for the wind")
    batch = run.objective.collate(padded([ids]), key=0)
    hidden = run.model.eval().encoder(batch.ids, batch.mask)
    expected = run.objective.loss(run.model.head, hidden, batch).loss
    read = torch.tensor([[run.objective.tokenizer.cls_id, *ids]])
    model = transformers.AutoModelForCausalLM.from_pretrained(exported("clm"))
    assert_close(model(read, labels=read).loss, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "auto", "labels"),
    [
        ("mlm", "AutoModelForSequenceClassification", [1, 0]),
        ("classify", "AutoModelForSequenceClassification", [1, 0]),
        ("cross-score", "AutoModelForSequenceClassification", [1.5, 4.0]),
        ("tag", "AutoModelForTokenClassification", [[0, 1, 2, -100], [2, 1, 0, 0]]),
        ("mixed", "AutoModelForMaskedLM", [[7, -100, -100, -100], [-100, 9, -100, -100]]),
    ],
)
def test_it_learns_a_batch_by_heart(name: str, auto: str, labels: Any, exported: Callable[..., Path]) -> None:
    model = getattr(transformers, auto).from_pretrained(exported(name)).train()
    ids, mask = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.03)
    losses = []
    torch.manual_seed(0)
    for _ in range(30):
        loss = model(input_ids=ids, attention_mask=mask, labels=torch.tensor(labels)).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
