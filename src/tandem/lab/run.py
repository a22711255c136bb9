"""Trains one recipe into one folder, and goes on where an earlier attempt stopped."""

import platform
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tandem.core.config import Recipe
from tandem.core.errors import ArtifactError, Stopped, UsageError
from tandem.core.files import owned, write_atomic, write_json
from tandem.core.seeds import derive
from tandem.data.rows import gathered
from tandem.data.spans import spans
from tandem.data.stream import Position, Stream
from tandem.lab.assemble import Assembly, assemble, check
from tandem.lab.evaluate import Scores, evaluate
from tandem.lab.fill_mask import Guess, fill_mask
from tandem.lab.folder import RunFolder
from tandem.nn.cost import parameters
from tandem.nn.precision import WORTH, bf16_speedup
from tandem.train.budget import Progress, spent
from tandem.train.checkpoint import load_latest, save_checkpoint, tensor_bytes
from tandem.train.logbook import Logbook
from tandem.train.loop import Step, train
from tandem.train.optimiser import Optimiser
from tandem.train.signals import stop_requests

TOP = 5


@dataclass(frozen=True)
class Notice:
    """One line for the person who waits."""

    text: str


@dataclass(frozen=True)
class Evaluated:
    """Scores on the validation split after `step`, and the guesses for each sample sentence."""

    step: int
    tokens: int
    scores: Scores
    samples: list[tuple[str, list[list[Guess]]]]


@dataclass(frozen=True)
class Finished:
    """The run is complete."""

    folder: RunFolder


Event = Notice | Step | Evaluated | Finished


def train_run(recipe: Recipe, path: Path) -> Iterator[Event]:
    """Trains `recipe` into the folder `path`; a folder that holds a part of this run is continued, bit for bit.

    Raises:
        UsageError: the recipe is wrong, or the folder holds something else.
        BusyError: another process trains into the folder.
        Stopped: a signal came; a checkpoint was saved.
        DataError, ResourceError, DivergedError, ArtifactError: as their names say.
    """
    folder = RunFolder(path)
    check(recipe)
    _refuse_foreign(folder, recipe)
    if folder.complete:
        yield Notice(f"{path} is complete already; delete it to train again")
        yield Finished(folder)
        return
    notices: list[Notice] = []
    with stop_requests() as stop:
        assembly = assemble(recipe, say=lambda text: notices.append(Notice(text)))
        yield from notices
        with owned(path):
            _refuse_foreign(folder, recipe)
            write_atomic(folder.config, recipe.to_toml())
            session = _Session(assembly, folder)
            yield from session.run(lambda: stop.number)
    yield Finished(folder)


def _refuse_foreign(folder: RunFolder, recipe: Recipe) -> None:
    if folder.config.exists():
        before, now = folder.recipe().model_dump(), recipe.model_dump()
        different = [key for key in now if before[key] != now[key]]
        if different:
            raise UsageError(
                f"{folder.path}: holds a run of another recipe (it differs in: {', '.join(different)}); "
                "choose another --out, or delete that folder"
            )
    elif folder.path.exists() and (not folder.path.is_dir() or any(p.name != ".lock" for p in folder.path.iterdir())):
        raise UsageError(f"{folder.path}: exists and is no run folder; choose another --out")


class _Session:
    """One process's work on a run."""

    def __init__(self, assembly: Assembly, folder: RunFolder) -> None:
        self.assembly, self.folder = assembly, folder
        self.recipe, self.model, self.objective = assembly.recipe, assembly.model, assembly.objective
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")
        self.split = assembly.store.split("train")
        pieces = spans(assembly.store, "train", pack=self.recipe.data.pack, length=self.recipe.data.length)
        self.stream = Stream(pieces, batch_tokens=self.recipe.train.batch_tokens, seed=self.recipe.seed)
        self.optimiser = Optimiser(self.model, self.recipe.optimiser)
        self.progress = Progress()

    def run(self, stop: Callable[[], int | None]) -> Iterator[Event]:
        yield from self._settle()
        lengths = yield from self._resume()
        self.log = Logbook(self.folder.log, keep=lengths["log"])
        self.timings = Logbook(self.folder.timings, keep=lengths["timings"])
        try:
            yield from self._train(stop)
            yield from self._finish()
        finally:
            self.log.close()
            self.timings.close()

    def _settle(self) -> Iterator[Event]:
        """Decides by measuring what an earlier attempt has not decided already, and keeps the decisions."""
        content = self.assembly.store.tokenizer.to_json()
        if self.folder.tokenizer.exists() and self.folder.tokenizer.read_text(encoding="utf-8") != content:
            raise ArtifactError(
                f"{self.folder.path}: its tokenizer is not that of the corpus: the text has changed since the run began"
            )
        write_atomic(self.folder.tokenizer, content)
        if not self.folder.machine.exists():
            yield from self._measure()
        machine = self.folder.read_json(self.folder.machine)
        self.autocast = machine["precision"] == "bf16"
        if machine["threads"] != torch.get_num_threads():
            yield Notice(f"using {machine['threads']} threads, as when the run began")
            torch.set_num_threads(machine["threads"])

    def _measure(self) -> Iterator[Event]:
        precision, speedup = self.recipe.train.precision, None
        if precision == "auto":
            speedup = bf16_speedup(self._trial, self.model.device)
            precision = "bf16" if speedup >= WORTH else "fp32"
            yield Notice(f"precision {precision}: bfloat16 runs a step {speedup:.2f} times as fast as float32 here")
        versions = {"python": platform.python_version(), "torch": str(torch.__version__)}
        decided: dict[str, Any] = {"precision": precision, "bf16_speedup": speedup, "threads": torch.get_num_threads()}
        write_json(self.folder.machine, {**decided, "device": self.model.device.type, "versions": versions})

    def _trial(self) -> None:
        sequences, epoch, _ = next(self.stream.after(Position()))
        rows = gathered(self.split.tokens, self.stream.spans, sequences)
        batch = self.objective.collate(rows, key=derive(self.recipe.seed, "mask", epoch)).to(self.model.device)
        outcome = self.objective.loss(self.model.head, self.model.encoder(batch.ids, batch.mask), batch)
        (outcome.loss_sum / max(1, outcome.count)).backward()  # type: ignore[no-untyped-call]
        self.model.zero_grad(set_to_none=True)

    def _resume(self) -> Generator[Event, None, dict[str, int]]:
        """Takes over the newest whole checkpoint; returns how much of each log belongs to it."""
        found = load_latest(self.folder.checkpoints)
        if found is None:
            return {"log": 0, "timings": 0}
        weights, optimiser, state, damaged = found
        for line in damaged:
            yield Notice(f"{line}; the checkpoint before it is used")
        self.model.load_weights(weights, where=str(self.folder.checkpoints))
        self.optimiser.load_state(optimiser)
        self.progress = Progress.from_json(state["progress"])
        yield Notice(f"continuing after step {self.progress.step}")
        lengths: dict[str, int] = state["lengths"]
        return lengths

    def _train(self, stop: Callable[[], int | None]) -> Iterator[Event]:
        every = self.recipe.train.evaluate_every
        saved = time.monotonic()
        before = spent(self.recipe.budget, self.progress)
        if self.progress.step == 0:
            yield self._evaluate()
        steps = train(
            self.model, self.objective, self.split, self.stream, self.optimiser, self.progress,
            recipe=self.recipe, autocast=self.autocast,
        )  # fmt: skip
        for step in steps:
            line = {"step": step.step, "tokens": step.tokens, "loss": step.loss, "accuracy": step.accuracy}
            self.log.write({**line, "norm": step.norm, "rate": step.rate})
            yield step
            if step.spent >= 1 or int(step.spent / every) > int(before / every):
                yield self._evaluate()
            before = step.spent
            if time.monotonic() - saved >= self.recipe.train.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if (number := stop()) is not None:
                self._save()
                raise Stopped(number, f"stopped after step {step.step}; the same command goes on from there")

    def _evaluate(self) -> Evaluated:
        at_most = self.recipe.train.evaluate_tokens
        scores = evaluate(
            self.model, self.objective, self.assembly.store, self.recipe, split="validation", at_most=at_most
        )
        tokenizer = self.assembly.store.tokenizer
        samples = [(text, fill_mask(self.model, tokenizer, text, top=TOP)) for text in self.recipe.samples]
        self.log.write(
            {
                "step": self.progress.step,
                "tokens": self.progress.tokens,
                "validation": scores.to_json(),
                "samples": [
                    {"text": text, "guesses": [[[g.token, g.probability] for g in mask] for mask in guesses]}
                    for text, guesses in samples
                ],
            }
        )
        self.timings.write({"step": self.progress.step, "seconds": self.progress.seconds})
        return Evaluated(self.progress.step, self.progress.tokens, scores, samples)

    def _save(self) -> None:
        state = {
            "progress": self.progress.to_json(),
            "lengths": {"log": self.log.synced(), "timings": self.timings.synced()},
        }
        weights, optimiser = self.model.weights(), self.optimiser.state()
        save_checkpoint(self.folder.checkpoints, self.progress.step, weights=weights, optimiser=optimiser, state=state)

    def _finish(self) -> Iterator[Event]:
        self._save()
        yield Notice("scoring the whole validation and test splits")
        scores = {
            split: evaluate(self.model, self.objective, self.assembly.store, self.recipe, split=split).to_json()
            for split in ("validation", "test")
            if self.assembly.store.meta["splits"][split]["tokens"]
        }
        length, counted = self.recipe.data.length, parameters(self.model)
        encoder, head = self.model.encoder.flops(length), self.objective.head_flops(self.model.head, length)
        write_atomic(self.folder.weights, tensor_bytes(self.model.weights()))
        write_json(
            self.folder.scores,
            {
                "scores": scores,
                "unit": self.objective.unit,
                "parameters": {"embedding": counted.embedding, "body": counted.body, "head": counted.head},
                "flops_per_token": (encoder + head) / length,
                "steps": self.progress.step,
                "tokens": self.progress.tokens,
                "padding": 1 - self.progress.tokens / self.progress.positions,
                "training_flops": self.progress.flops,
            },
        )


def default_folder(recipe_path: Path, overrides: list[str], *, seed: int | None = None) -> Path:
    """Where a recipe's run goes when nobody says: its place under `recipes/`, moved under `runs/`.

    Overrides and a seed of its own become part of the name.
    """
    parts = recipe_path.with_suffix("").parts
    inside = parts[parts.index("recipes") + 1 :] if "recipes" in parts else parts[-1:]
    changes = "".join(f"+{override}" for override in overrides) + ("" if seed is None else f"+seed={seed}")
    name = "".join(sign if sign.isalnum() or sign in "+=._-" else "_" for sign in changes)
    if len(name) > 80:
        name = f"+{derive(0, changes):x}"
    return Path("runs", *inside[:-1], inside[-1] + name)
