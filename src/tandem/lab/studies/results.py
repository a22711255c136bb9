"""What a study found: its arms with their numbers, and what may be said about each pair of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tandem.core.config import Recipe
from tandem.core.errors import ArtifactError
from tandem.lab.folder import RunFolder
from tandem.lab.peers import Peers, peers_of
from tandem.lab.report import Measured, measured
from tandem.lab.statistics.estimate import Estimate, Scores, estimate
from tandem.lab.statistics.factorial import Effects, effects
from tandem.lab.statistics.verdict import Verdict, verdicts
from tandem.lab.studies.checks import StudyChecks, check_study
from tandem.lab.studies.file import Equal
from tandem.lab.studies.scores import chosen_rates, diverged, scores_of, sign_of, tried
from tandem.lab.studies.study import Study, StudyRun


@dataclass(frozen=True)
class Arm:
    """An arm: what it is, the trials of its learning rate, and its finished runs by their seed.

    `why_not` says why it has no number; it is empty where it has one.
    """

    recipe: Recipe
    tried: Mapping[float, float]
    rate: float | None
    runs: Mapping[int, Measured]
    why_not: str = ""


@dataclass(frozen=True)
class Part:
    """One task under one condition. Statistics are about the `seeds` that every arm with a number has finished.

    `scores` are as they are; in verdicts and effects, more is better. `effects` is None without a design of two by two.
    `peers` are what counting words reaches where the task is one of classes.
    """

    task: str
    equal: Equal
    arms: Mapping[str, Arm]
    seeds: list[int]
    scores: Mapping[str, Scores]
    verdicts: list[Verdict]
    effects: Effects | None
    peers: Peers

    @property
    def estimates(self) -> dict[str, Estimate]:
        """The mean of each arm with its error."""
        return {name: estimate(scores) for name, scores in self.scores.items()}

    def told(self, name: str) -> list[Measured]:
        """The runs of an arm that the statistics are about."""
        return [self.arms[name].runs[seed] for seed in self.seeds]


@dataclass(frozen=True)
class Results:
    """A whole study; of `planned` runs, those of arms without a number left out, so many are `finished`."""

    study: Study
    checks: StudyChecks
    parts: list[Part]
    finished: int
    planned: int


def results(study: Study, *, say: Callable[[str], None] = lambda _: None) -> Results:
    """Reads all that a study has finished.

    Raises:
        ArtifactError: nothing is finished, or a run is damaged. UsageError: the study is wrong.
    """
    checks = check_study(study, say=say)
    rates, trials = chosen_rates(study), tried(study)
    runs: dict[tuple[str, Equal, str], list[StudyRun]] = {}
    for run in study.runs(rates):
        runs.setdefault(run.place, []).append(run)
    parts = []
    for (task, equal), recipes in study.parts.items():
        arms = {}
        for name, recipe in recipes.items():
            place = task, equal, name
            arms[name] = _arm(recipe, runs.get(place, []), trials.get(place, {}), checks.refused.get(place, ""))
        parts.append(_part(study, task, equal, arms, peers_of(list(recipes.values()), say=say)))
    if not any(part.seeds for part in parts):
        raise ArtifactError(
            f"{study.folder}: no seed is finished for every arm yet; tandem study run {study.path} goes on"
        )
    able = [arm for part in parts for arm in part.arms.values() if not arm.why_not]
    finished = sum(len(arm.runs) for arm in able)
    return Results(study, checks, parts, finished, len(able) * len(study.table.seeds))


def _arm(recipe: Recipe, runs: list[StudyRun], trials: Mapping[float, float], refused: str) -> Arm:
    rate = runs[0].recipe.optimiser.learning_rate if runs else None
    finished = {run.recipe.seed: measured(run.folder) for run in runs if RunFolder(run.folder).card.exists()}
    failures = [f"seed {run.recipe.seed} at rate {rate:g}: {why}" for run in runs if (why := diverged(run.folder))]
    untrusted = [
        f"seed {seed}: {probe.sentence()}" for seed, run in finished.items() for probe in run.probes if not probe.holds
    ]
    why_not = refused or "; ".join([*failures, *untrusted])
    if not (why_not or runs) and trials and max(trials.values()) == float("-inf"):
        why_not = "every learning rate that was tried diverged"
    return Arm(recipe, trials, rate, finished, why_not)


def _part(study: Study, task: str, equal: Equal, arms: Mapping[str, Arm], peers: Peers) -> Part:
    able = {name: arm for name, arm in arms.items() if not arm.why_not}
    seeds = [seed for seed in study.table.seeds if able and all(seed in arm.runs for arm in able.values())]
    score = study.table.score
    scores = {name: scores_of([arm.runs[seed] for seed in seeds], score) for name, arm in able.items() if seeds}
    found = verdicts(scores, higher_is_better=sign_of(score) > 0) if len(scores) > 1 else []
    return Part(task, equal, arms, seeds, scores, found, _effects(study, scores), peers)


def _effects(study: Study, scores: Mapping[str, Scores]) -> Effects | None:
    if (names := study.table.factors) is None or not set(names.model_dump().values()) <= set(scores):
        return None
    sign = sign_of(study.table.score)
    return effects(
        neither=sign * scores[names.neither], recurrence=sign * scores[names.recurrence],
        attention=sign * scores[names.attention], both=sign * scores[names.both],
    )  # fmt: skip
