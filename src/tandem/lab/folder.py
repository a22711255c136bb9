"""A run as a folder: where its files are, and how it is opened again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch

from tandem.core.config import Recipe, read_recipe
from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.assemble import build_model, build_objective
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

    def recipe(self) -> Recipe:
        """The recipe of this run.

        Raises:
            UsageError: the folder is no run.
        """
        if not self.config.is_file():
            raise UsageError(f"{self.path}: not a run folder: it has no config.toml")
        return read_recipe(self.config)

    def read_json(self, path: Path) -> dict[str, Any]:
        """One of the JSON files.

        Raises:
            ArtifactError: absent or damaged.
        """
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ArtifactError(
                f"{path} is missing: the run has not finished; repeat its train command to go on"
            ) from None
        except (OSError, ValueError) as error:
            raise ArtifactError(f"{path}: cannot be read ({error})") from None
        return content

    def seconds(self) -> float:
        """How long training took, evaluation left out."""
        lines = read_log(self.timings)
        return float(lines[-1]["seconds"]) if lines else 0.0


@dataclass(frozen=True)
class OpenRun:
    """A finished run, ready to answer."""

    folder: RunFolder
    recipe: Recipe
    objective: Objective
    model: Model


def open_run(path: Path) -> OpenRun:
    """Loads the final weights of the run at `path`.

    Raises:
        UsageError: no such run. ArtifactError: the run is incomplete or damaged.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: no such run folder")
    folder = RunFolder(path)
    recipe = folder.recipe()
    tokenizer = Tokenizer.load(folder.tokenizer)
    objective = build_objective(recipe, tokenizer)
    model = build_model(recipe, objective)
    try:
        weights = safetensors.torch.load(folder.weights.read_bytes())
    except FileNotFoundError:
        raise ArtifactError(
            f"{folder.weights} is missing: the run has not finished; repeat its train command to go on"
        ) from None
    except Exception as error:
        raise ArtifactError(f"{folder.weights}: cannot be read ({error})") from None
    model.load_weights(weights, where=str(folder.weights))
    return OpenRun(folder, recipe, objective, model)
