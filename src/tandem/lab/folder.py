"""A run as a folder: where its files are, and how it is opened again."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch

from tandem.core.config import SCRATCH, Recipe, read_recipe
from tandem.core.errors import ArtifactError, UsageError, neighbours
from tandem.core.files import remove, write_atomic
from tandem.data.store import Store
from tandem.lab.assemble import build_model, build_objective, prepared
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer
from tandem.train.logbook import read_log


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    `log.jsonl` and `scores.json` hold nothing that differs between two equal runs; times stand in `timings.jsonl`, and
    what was decided by measuring this machine in `machine.json`.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The recipe with all defaults."""
        return self.path / "config.toml"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer."""
        return self.path / "tokenizer.json"

    @property
    def target_tokenizer(self) -> Path:
        """The tokenizer of second texts, where these have one of their own."""
        return self.path / "target-tokenizer.json"

    @property
    def weights(self) -> Path:
        """The final weights."""
        return self.path / "weights.safetensors"

    @property
    def log(self) -> Path:
        """Every step and evaluation."""
        return self.path / "log.jsonl"

    @property
    def timings(self) -> Path:
        """Seconds of training so far, at every evaluation."""
        return self.path / "timings.jsonl"

    @property
    def machine(self) -> Path:
        """Precision, threads and versions."""
        return self.path / "machine.json"

    @property
    def scores(self) -> Path:
        """The final scores; written last, so that its presence means the run is complete."""
        return self.path / "scores.json"

    @property
    def predictions(self) -> Path:
        """Every single answer on the validation and test splits, where the objective tells them."""
        return self.path / "predictions.csv"

    @property
    def text_losses(self) -> Path:
        """The summed loss and the right answers of every text of the validation and test splits."""
        return self.path / "losses.csv"

    @property
    def report(self) -> Path:
        """What scikit-learn says about the classes among those answers."""
        return self.path / "report.json"

    @property
    def card(self) -> Path:
        """What the run is, for people."""
        return self.path / "README.md"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def figures(self) -> Path:
        """The folder of pictures."""
        return self.path / "figures"

    @property
    def complete(self) -> bool:
        """Whether the run has finished."""
        return self.scores.exists()

    @property
    def empty(self) -> bool:
        """Whether there is nothing but what a process leaves that was killed before it began."""
        return all(path.name == ".lock" or path.match(".*.tmp") for path in self.path.iterdir())

    def recipe(self) -> Recipe:
        """The recipe of this run.

        Raises:
            UsageError: the folder is no run. ArtifactError: the recipe in it is damaged.
        """
        if str(self.path).startswith("hf:"):
            raise UsageError(f'{self.path}: it has learnt no task yet; train one that begins with init = "{self.path}"')
        if not self.path.is_dir():
            runs = (config.parent for config in self.path.parent.glob("*/config.toml"))
            raise UsageError(f"{self.path}: no such run folder{neighbours(self.path, runs)}")
        if not self.config.is_file():
            raise UsageError(f"{self.path}: not a run folder: it has no config.toml")
        try:
            return read_recipe(self.config)
        except UsageError as error:
            raise ArtifactError(str(error)) from None

    def read_json(self, path: Path, *keys: str) -> dict[str, Any]:
        """One of the JSON files, which must hold `keys`.

        Raises:
            ArtifactError: absent, damaged, or without one of the keys.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ArtifactError(
                f"{path} is missing: the run has not finished; repeat its train command to go on"
            ) from None
        except (OSError, ValueError) as error:
            raise ArtifactError(f"{path}: cannot be read ({error})") from None
        missing = [key for key in keys if key not in content] if isinstance(content, dict) else list(keys)
        if missing:
            raise ArtifactError(f"{path}: damaged, or from another version: it lacks {missing[0]}")
        return dict(content)

    def seconds(self) -> float:
        """How long training took, evaluation left out."""
        lines = read_log(self.timings)
        return float(lines[-1]["seconds"]) if lines else 0.0

    def has_tokenizers(self, store: Store) -> bool:
        """Whether the run reads text with the tokenizers of `store`."""
        return all(path.exists() and path.read_bytes() == content for path, content in self._tokenizers(store))

    def keep_tokenizers(self, store: Store) -> None:
        """Writes the tokenizers of `store`, which the run reads text with; the one that every run has comes last."""
        for path, content in self._tokenizers(store):
            write_atomic(path, content)

    def _tokenizers(self, store: Store) -> list[tuple[Path, bytes]]:
        found = [(self.target_tokenizer, store.target_tokenizer), (self.tokenizer, store.tokenizer)]
        return [(path, tokenizer.to_json().encode()) for path, tokenizer in found if tokenizer is not None]

    def digests(self) -> dict[str, str]:
        """SHA-256 of the files that decide what the run answers."""
        own = [self.target_tokenizer] if self.target_tokenizer.exists() else []
        files = (self.tokenizer, *own, self.weights)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def text(self) -> str | None:
        """The fingerprint of the text that the run was trained on; None where no checkpoint is left that says it."""
        for path in self.checkpoints.glob("step-*/state.json"):
            try:
                return str(json.loads(path.read_text(encoding="utf-8"))["text"])
            except (OSError, ValueError, LookupError, TypeError):
                continue
        return None

    def sweep(self) -> None:
        """Removes what a killed process left half-written. Only for the owner of the folder."""
        for leftover in (*self.path.rglob(".*.tmp"), *self.checkpoints.glob("step-*.tmp")):
            remove(leftover)


@dataclass(frozen=True)
class OpenRun:
    """A finished run, ready to answer."""

    folder: RunFolder
    recipe: Recipe
    objective: Objective
    model: Model

    def store(self, *, say: Callable[[str], None] = lambda _: None) -> Store:
        """The text that the run was trained on, under its tokenizer.

        Raises:
            ArtifactError: the text has changed since the run, so that its tokens are others. DataError: it is gone.
        """
        given = None if self.recipe.init == SCRATCH else self.objective.tokenizer
        store = prepared(self.recipe, tokenizer=given, say=say)
        if not self.folder.has_tokenizers(store):
            raise ArtifactError(f"{self.folder.path}: its tokenizer is not that of the corpus: the text has changed")
        # A tokenizer that was given says nothing about the text.
        if given is not None and self.folder.text() not in (None, store.meta["fingerprint"]):
            raise ArtifactError(f"{self.folder.path}: the text of the corpus has changed since the run; bring it back")
        return store


def open_run(path: Path, overrides: list[str] | None = None) -> OpenRun:
    """Loads the final weights of the run at `path`; `overrides` ask it another question, as `objective.scope=masked`.

    Raises:
        UsageError: no such run, or an override outside `objective`. ArtifactError: the run is incomplete or damaged.
    """
    folder = RunFolder(path)
    trained = folder.recipe()
    recipe = read_recipe(folder.config, overrides)
    if recipe.model_copy(update={"objective": trained.objective}) != trained:
        raise UsageError(
            f"{path}: of a finished run only keys under objective can be set, not {', '.join(overrides or [])}"
        )
    result = folder.read_json(folder.scores, "files", "labels")
    expected = result["files"]
    try:
        there = folder.digests()
    except OSError as error:
        raise ArtifactError(f"{error.filename}: cannot be read ({error.strerror})") from None
    for name, digest in there.items():
        if expected.get(name) != digest:
            raise ArtifactError(f"{path / name}: damaged or exchanged: its SHA-256 is not that in {folder.scores.name}")
    target = None if recipe.target_tokenizer is None else Tokenizer.load(folder.target_tokenizer)
    objective = build_objective(recipe, Tokenizer.load(folder.tokenizer), tuple(result["labels"]), target)
    model = build_model(recipe, objective)
    try:
        weights = safetensors.torch.load(folder.weights.read_bytes())
    except safetensors.SafetensorError as error:
        raise ArtifactError(f"{folder.weights}: is no safetensors file ({error})") from None
    model.load_weights(weights, where=str(folder.weights))
    return OpenRun(folder, recipe, objective, model)
