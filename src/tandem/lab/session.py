"""One process's work on a run: settle, resume, train, score."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from typing import Any, NoReturn

import torch
from torch import Tensor

from tandem.core.errors import ArtifactError, Stopped, UsageError
from tandem.core.files import write_atomic, write_json
from tandem.core.seeds import derive
from tandem.data.lanes import LaneStream
from tandem.data.stream import Position
from tandem.lab.answers import answers
from tandem.lab.assemble import Assembly
from tandem.lab.doctor.machine import cores, processor, versions
from tandem.lab.evaluate import evaluate, score_whole
from tandem.lab.events import Evaluated, Event, Notice
from tandem.lab.folder import RunFolder
from tandem.lab.probes import probes
from tandem.lab.reading import source_of, stream_of
from tandem.nn.cost import parameters
from tandem.nn.precision import WORTH, bf16_speedup
from tandem.train.best import Best
from tandem.train.budget import Progress, spent
from tandem.train.carried import Carried, hidden_states
from tandem.train.checkpoint import load_latest, save_checkpoint, tensor_bytes
from tandem.train.logbook import Logbook
from tandem.train.loop import Step, train
from tandem.train.optimiser import Optimiser
from tandem.train.processes import Order, order, size, told

TOP = 5


class Session:
    """What one process does for a run whose folder it owns; `run` may be called once.

    Of several processes the first does so, and orders the steps that the others take with it (see `lab/follow.py`).

    Raises:
        UsageError: there are more processes than rows that carry a state.
    """

    autocast: bool

    def __init__(self, assembly: Assembly, folder: RunFolder) -> None:
        self.assembly, self.folder = assembly, folder
        self.recipe, self.model, self.objective = assembly.recipe, assembly.model, assembly.objective
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")
        self.stream = stream_of(source_of(self.objective, assembly.store, "train", self.recipe), self.recipe)
        if isinstance(self.stream, LaneStream) and self.stream.source.lanes < size():
            raise UsageError(
                f"objective.carry: {self.stream.source.lanes} rows are read side by side, and each of {size()} "
                "processes needs one; raise train.batch_tokens"
            )
        self.carried = Carried() if self.objective.carry else None
        self.optimiser = Optimiser(self.model, self.recipe.optimiser, rates=assembly.rates)
        self.progress = Progress()
        self.saved = -1
        """The step of the newest checkpoint."""
        keeps_best = self.recipe.train.keep == "best"
        self.best = Best(self.objective.best_by, patience=self.recipe.train.patience) if keeps_best else None

    def run(self, stop: Callable[[], int | None]) -> Iterator[Event]:
        """Trains what is left to train and scores it; `stop` is asked after every step.

        Raises:
            Stopped: it was answered with the number of a signal; a checkpoint is saved.
            ArtifactError, ResourceError, DivergedError: as their names say.
        """
        self.folder.sweep()
        yield from self._settle()
        for note in self._notes():
            yield Notice(note)
        if size() > 1:
            yield Notice(f"spread over {size()} processes")
        lengths = yield from self._resume()
        with (
            Logbook(self.folder.log, keep=lengths["log"]) as self.log,
            Logbook(self.folder.timings, keep=lengths["timings"]) as self.timings,
        ):
            yield from self._train(stop)
            yield from self._finish()

    def _notes(self) -> Iterator[str]:
        """What the choice of sequences leaves out of every split, a line each."""
        yield from self.stream.source.notes()
        store = self.assembly.store
        for split in ("validation", "test"):
            if store.meta["splits"][split]["tokens"]:
                yield from source_of(self.objective, store, split, self.recipe).notes()

    def _settle(self) -> Iterator[Event]:
        """Decides by measuring what an earlier attempt has not decided already, and keeps the decisions."""
        if not self.folder.tokenizer.exists():
            self.folder.keep_tokenizers(self.assembly.store)
        elif not self.folder.has_tokenizers(self.assembly.store):
            self._refuse_text()
        if not self.folder.machine.exists():
            yield from self._measure()
        machine = self.folder.read_json(self.folder.machine, "precision", "threads")
        self.autocast = machine["precision"] == "bf16"
        # Of several processes each has the threads that torchrun gave it: more than there are cores slow all of them.
        if size() == 1 and machine["threads"] != torch.get_num_threads():
            yield Notice(f"using {machine['threads']} threads, as when the run began")
            torch.set_num_threads(machine["threads"])

    def _refuse_text(self) -> NoReturn:
        raise ArtifactError(
            f"{self.folder.path}: the text of the corpus, or the tokenizer made from it, has changed since the run "
            "began; bring it back, or delete that folder"
        )

    def _measure(self) -> Iterator[Event]:
        precision, speedup = self.recipe.train.precision, None
        if precision == "auto":
            speedup = bf16_speedup(self._trial, self.model.device)
            precision = "bf16" if speedup >= WORTH else "fp32"
            yield Notice(f"precision {precision}: bfloat16 runs a step {speedup:.2f} times as fast as float32 here")
        decided: dict[str, Any] = {"precision": precision, "bf16_speedup": speedup, "threads": torch.get_num_threads()}
        found = {"device": self.model.device.type, "processor": processor(), "cores": cores(), "versions": versions()}
        write_json(self.folder.machine, {**decided, **found})

    def _trial(self) -> None:
        sequences, epoch, _ = next(self.stream.after(Position()))
        key = derive(self.recipe.seed, "mask", epoch)
        batch = self.objective.collate(self.stream.source.rows(sequences, key=key), key=key).to(self.model.device)
        hidden = hidden_states(self.model, batch, Carried() if self.objective.carry else None)
        self.objective.loss(self.model.head, hidden, batch).loss.backward()  # type: ignore[no-untyped-call]
        self.model.zero_grad(set_to_none=True)

    def _resume(self) -> Generator[Event, None, dict[str, int]]:
        """Takes over the newest whole checkpoint; returns how much of each log belongs to it."""
        found = load_latest(self.folder.checkpoints)
        if found is None:
            self._share({})
            return {"log": 0, "timings": 0}
        weights, optimiser, state, damaged = found
        if state["text"] != self.assembly.store.meta["fingerprint"]:
            self._refuse_text()
        for line in damaged:
            yield Notice(f"{line}; the checkpoint before it is used")
        if self.best:
            self.best.load(state["best"], optimiser, device=self.model.device)
        self.take_over(weights, optimiser, state["progress"])
        self.saved = self.progress.step
        self._share(optimiser)
        yield Notice(f"continuing after step {self.progress.step}")
        lengths: dict[str, int] = state["lengths"]
        return lengths

    def take_over(self, weights: dict[str, Tensor], optimiser: dict[str, Tensor], progress: dict[str, Any]) -> None:
        """Goes on from there: weights by name, the state of optimiser and carried rows by name, and how far it is.

        Raises:
            ArtifactError: the weights do not fit.
        """
        self.model.load_weights(weights, where=str(self.folder.checkpoints))
        if self.carried:
            self.carried.load(optimiser, self.model)
        self.optimiser.load_state(optimiser)
        self.progress = Progress.from_json(progress)

    def _share(self, optimiser: dict[str, Tensor]) -> None:
        """Gives the other processes all that decides the next step."""
        recipe, folder = self.recipe.model_dump_json(exclude_none=True), str(self.folder.path)
        progress = self.progress.to_json()
        order(Order.BEGIN, {"recipe": recipe, "folder": folder, "autocast": self.autocast, "progress": progress})
        for tensors in (self.model.weights(), optimiser):
            told(tensor_bytes(tensors))

    def steps(self) -> Iterator[Step]:
        """The steps that are left, one for each `next`."""
        return train(
            self.model, self.objective, self.stream, self.optimiser, self.progress,
            recipe=self.recipe, autocast=self.autocast, carried=self.carried,
        )  # fmt: skip

    def _ordered_steps(self) -> Iterator[Step]:
        """The same, each ordered from the other processes, whose clocks do not count."""
        steps = self.steps()
        while spent(self.recipe.budget, self.progress) < 1:
            order(Order.STEP, self.progress.seconds)
            yield next(steps)

    def _train(self, stop: Callable[[], int | None]) -> Iterator[Event]:
        every = self.recipe.train.evaluate_every
        saved = time.monotonic()
        before = spent(self.recipe.budget, self.progress)
        if self.progress.step == 0:
            yield self._evaluate()
        if self.best and self.best.exhausted:
            return
        for step in self._ordered_steps():
            line = {"step": step.step, "tokens": step.tokens, "loss": step.loss, "accuracy": step.accuracy}
            self.log.write({**line, **step.also, "norm": step.norm, "rate": step.rate})
            yield step
            if step.spent >= 1 or _turns(step.spent, every) > _turns(before, every):
                yield self._evaluate()
            before = step.spent
            signal_number = stop()
            if signal_number is not None or time.monotonic() - saved >= self.recipe.train.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if signal_number is not None:
                raise Stopped(signal_number, f"after step {step.step}; the same command goes on from there")
            if self.best and self.best.exhausted:
                yield Notice(f"stopping after {self.best.worse_since} evaluations without a better {self.best.measure}")
                return

    def _evaluate(self) -> Evaluated:
        started = time.perf_counter()
        at_most = self.recipe.train.evaluate_tokens
        scores = evaluate(
            self.model, self.objective, self.assembly.store, self.recipe, split="validation", at_most=at_most
        )
        if self.best:
            measured = {"loss": scores.loss, "accuracy": scores.accuracy, **scores.more}
            self.best.offer(self.progress.step, measured[self.best.measure], self.model.weights())
        samples = [(text, answers(self.model, self.objective, text, top=TOP)) for text in self.recipe.samples]
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
        taken = time.perf_counter() - started
        return Evaluated(self.progress.step, self.progress.tokens, scores, samples, taken)

    def _save(self) -> None:
        state: dict[str, Any] = {
            "progress": self.progress.to_json(),
            "text": self.assembly.store.meta["fingerprint"],
            "lengths": {"log": self.log.synced(), "timings": self.timings.synced()},
        }
        weights, optimiser = self.model.weights(), self.optimiser.state()
        # An epoch begins with an empty state; of several processes those that end one may not even have equal forms.
        if self.carried and (size() == 1 or self.progress.position.batch):
            order(Order.GATHER)
            optimiser |= self.carried.gathered()
        if self.best:
            state["best"] = self.best.state()
            optimiser |= self.best.tensors()
        save_checkpoint(self.folder.checkpoints, self.progress.step, weights=weights, optimiser=optimiser, state=state)
        self.saved = self.progress.step

    def _finish(self) -> Iterator[Event]:
        if self.saved != self.progress.step:
            self._save()
        if self.best:
            self.model.load_weights(self.best.weights, where="the best evaluation")
            kept = f"kept the weights of step {self.best.step}"
            yield Notice(f"{kept}, the best on validation: {self.best.measure} {self.best.value:.3f}")
        yield Notice("scoring the whole validation and test splits")
        scores = score_whole(self.model, self.objective, self.assembly.store, self.recipe, folder=self.folder)
        probed = probes(self.model, self.objective, self.stream.source)
        for probe in probed:
            if not probe.holds:
                yield Notice(f"its scores mean nothing: {probe.sentence()}")
        length, counted = self.recipe.data.length, parameters(self.model)
        write_atomic(self.folder.weights, tensor_bytes(self.model.weights()))
        write_json(
            self.folder.scores,
            {
                "scores": scores,
                "files": self.folder.digests(),
                "probes": [asdict(probe) for probe in probed],
                "unit": self.objective.unit,
                "labels": list(self.objective.labels),
                "parameters": {"embedding": counted.embedding, "body": counted.body, "head": counted.head},
                "flops_per_token": self.objective.flops_per_token(self.model, length),
                "steps": self.progress.step,
                "tokens": self.progress.tokens,
                "padding": 1 - self.progress.tokens / self.progress.positions,
                "training_flops": self.progress.flops,
                **({"kept": self.best.kept()} if self.best else {}),
            },
        )


def _turns(spent: float, every: float) -> int:
    """How many times `every` fits into `spent`; 0.3 / 0.1 is 2.9999999999999996 and means 3."""
    return int(spent / every + 1e-9)
