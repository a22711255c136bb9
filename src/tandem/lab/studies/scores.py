"""The scores of a study's runs, as its statistics want them: read from the folders, higher always better."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.folder import RunFolder
from tandem.lab.report import Measured
from tandem.lab.statistics.estimate import Scores
from tandem.lab.studies.by_text import by_text
from tandem.lab.studies.study import Place, Study

DIVERGED = "diverged.json"
KNOCK_OUTS = "knock-out.json"
LESS_IS_BETTER = {"loss", "perplexity", "bits"}
"""Words in the names of scores."""


def sign_of(score: str) -> float:
    """1 where more of a score is better, -1 where less is."""
    return -1.0 if LESS_IS_BETTER & {*score.split()} else 1.0


def score_in(scores: Mapping[str, Any], name: str, *, where: Path) -> float:
    """One of the scores of a split.

    Raises:
        UsageError: there is none of that name.
    """
    known = {"loss": scores["loss"], "accuracy": scores["accuracy"], **scores.get("more", {})}
    if name not in known:
        raise UsageError(f'score = "{name}": {where} has none of that name (legal: {", ".join(known)})')
    return float(known[name])


def diverged(folder: Path) -> str:
    """Why a run has no numbers, or nothing.

    Raises:
        ArtifactError: what says so is damaged.
    """
    path = folder / DIVERGED
    return str(RunFolder(folder).read_json(path, "why")["why"]) if path.exists() else ""


def tried(study: Study) -> dict[Place, dict[float, float]]:
    """The score on the validation split that each learning rate of each arm reached in its trial.

    Higher is better, so a loss has its sign turned; -inf where the trial diverged. Trials that are not finished are
    left out.

    Raises:
        UsageError: runs have no such score. ArtifactError: a run is damaged.
    """
    found: dict[Place, dict[float, float]] = {}
    for run in study.trials():
        folder, rate = RunFolder(run.folder), run.recipe.optimiser.learning_rate
        if folder.complete:
            scores = folder.read_json(folder.scores, "scores")["scores"]["validation"]
            value = sign_of(study.table.score) * score_in(scores, study.table.score, where=folder.path)
            found.setdefault(run.place, {})[rate] = value
        elif diverged(folder.path):
            found.setdefault(run.place, {})[rate] = -math.inf
    return found


def chosen_rates(study: Study) -> dict[Place, float]:
    """The best learning rate of each arm that has finished all its trials, one of them at least without diverging."""
    everything = len(study.table.learning_rates)
    return {
        place: max(rates, key=rates.__getitem__)
        for place, rates in tried(study).items()
        if len(rates) == everything and max(rates.values()) > -math.inf
    }


def at_the_edge(study: Study, chosen: Mapping[Place, float]) -> list[Place]:
    """The arms whose best learning rate is the least or the greatest that was tried: a better one may lie beyond."""
    return [place for place, rate in chosen.items() if rate in (min(study.rates(place[2])), max(study.rates(place[2])))]


def scores_of(runs: Sequence[Measured], name: str) -> Scores:
    """A held-out score of runs that differ in their seed: (S, N) where it is known what each text adds, else (S,).

    Raises:
        UsageError: runs have no such score. ArtifactError: a file of a run is damaged.
    """
    whole = [score_in(run.held_out, name, where=run.folder.path) for run in runs]
    added = [by_text(run.folder, name, value) for run, value in zip(runs, whole, strict=True)]
    known = [one for one in added if one is not None]
    has_all = len(known) == len(runs) and len({len(one) for one in known}) == 1
    return np.array(known if has_all else whole)


def knocked_out(folder: Path) -> list[dict[str, Any]]:
    """The scores of a run without each of its mechanisms, as `Knocked` in JSON; empty where it has but one.

    Raises:
        ArtifactError: they are damaged.
    """
    path = folder / KNOCK_OUTS
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: cannot be read ({error})") from None
