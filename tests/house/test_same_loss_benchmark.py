"""One BERT, trained by transformers' model in a plain loop and by Tandem, has the same losses on held-out text."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import clip_grad_norm_

from benchmarks.contest import write_rows
from benchmarks.peers.held_out import held_out_loss
from benchmarks.peers.rows import load
from benchmarks.same_loss import bert_recipe, losses, take_over, told_peer, write_batches
from tandem.lab.assemble import assemble

ROOT = Path(__file__).parents[2]
STEPS = 12


def theirs(told: dict[str, Any]) -> Iterator[float]:
    """The held-out loss of BertForMaskedLM before and after its steps, which are what the Trainer's would be."""
    transformers = pytest.importorskip("transformers", reason="the extra interop is not installed")
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    nothing = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model = transformers.BertForMaskedLM(transformers.BertConfig(**told["config"], **nothing))
    model.save_pretrained(told["first"])

    def loss() -> float:
        model.eval()
        return held_out_loss(
            lambda ids, mask, places: model(input_ids=ids, attention_mask=mask).logits[places],
            load(told["held_out"]), batch=8, device="cpu",
        )  # fmt: skip

    yield loss()
    settings, vectors = told["optimiser"], [p for p in model.parameters() if p.dim() < 2]
    groups = [
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": settings["weight_decay"]},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, betas=settings["betas"], eps=settings["epsilon"])
    for number, factor in enumerate(told["factors"]):
        with np.load(Path(told["batches"]) / f"{number}.npz") as file:
            batch = {name: torch.from_numpy(file[name].astype(np.int64)) for name in file.files}
        model.train()
        model(**batch).loss.backward()
        clip_grad_norm_(model.parameters(), settings["clip"])
        for group in optimiser.param_groups:
            group["lr"] = settings["learning_rate"] * factor
        optimiser.step()
        optimiser.zero_grad()
    yield loss()


def test_the_same_bert_on_the_same_batches_has_the_same_loss(book: Path, tmp_path: Path) -> None:
    tiny = {"width": 32, "length": 16, "batch": 8, "vocabulary": 300, "tokens": STEPS * 128, "rate": 5e-3, "text": book}
    parts = assemble(bert_recipe(argparse.Namespace(**tiny)))
    write_rows(parts.recipe, parts.store, tmp_path / "held_out.npz", split="validation", at_most=32)
    tokens = write_batches(parts.recipe, parts.store, parts.objective, tmp_path)
    assert len(tokens) == STEPS
    told = told_peer(parts.recipe, parts, tmp_path, looks=[STEPS], batch=8, precision="fp32")
    before, after = theirs(told)
    take_over(parts, Path(told["first"]))
    ours = dict(losses(parts, tmp_path, looks=[STEPS], batch=8, autocast=False))
    assert ours[0] == pytest.approx(before, abs=1e-5)
    assert ours[STEPS] == pytest.approx(after, abs=1e-4)
    # Far more than the tolerance has been learnt.
    assert after < before - 0.2


@pytest.mark.campaign
def test_the_command_trains_both(book: Path, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.same_loss", "--quick", "--text", str(book), "--json", str(numbers)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=600, stdout=subprocess.DEVNULL)
    rows = json.loads(numbers.read_text(encoding="utf-8"))["rows"]
    assert rows[-1]["trainer"] < rows[0]["trainer"] - 0.05
    assert all(abs(row["trainer"] - row["tandem"]) < 1e-3 for row in rows)
