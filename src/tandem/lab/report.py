"""Finished runs as a table: one line for each arm, its seeds together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.core.config import Recipe
from tandem.lab.arm_names import arm_names
from tandem.lab.assemble import objective_of
from tandem.lab.baselines import Baseline
from tandem.lab.corpora import task_of
from tandem.lab.folder import RunFolder
from tandem.lab.probes import Probe
from tandem.objectives.base import MEAN_SCORE, accuracy_name

FAIR = ("task", "corpus", "objective", "tokenizer", "data", "init", "budget")
HEADINGS = (
    "encoder",
    "parameters",
    "embedding",
    "body",
    "head",
    "FLOPs/token",
    "tokens",
    "seconds",
    "precision",
    "tokens/s",
    "loss",
    "baseline",
    "gain",
    "accuracy",
)


@dataclass(frozen=True)
class Measured:
    """What one finished run has to say."""

    folder: RunFolder
    recipe: Recipe
    result: dict[str, Any]
    seconds: float
    precision: str

    def score(self, key: str) -> float:
        """A score on the test split, or on the validation split where the corpus has no test split."""
        return float(self.held_out[key])

    @property
    def probes(self) -> list[Probe]:
        """What was asked of the trained model."""
        return [Probe(**probe) for probe in self.result.get("probes", [])]

    @property
    def held_out(self) -> dict[str, Any]:
        """All scores on that split."""
        scores = self.result["scores"]
        return dict(scores.get("test", scores["validation"]))


def measured(path: Path) -> Measured:
    """Reads a finished run.

    Raises:
        UsageError: no run folder. ArtifactError: the run is not finished, or damaged.
    """
    folder = RunFolder(path)
    recipe = folder.recipe()
    result = folder.read_json(folder.scores, "scores", "unit", "parameters", "flops_per_token", "tokens", "padding")
    precision = folder.read_json(folder.machine, "precision")["precision"]
    return Measured(folder, recipe, result, folder.seconds(), precision)


def distrusted(runs: list[Measured]) -> list[str]:
    """Which runs have scores that mean nothing, and why."""
    failed = [(run, probe) for run in runs for probe in run.probes if not probe.holds]
    return [f"the scores of {run.folder.path} mean nothing: {probe.sentence()}" for run, probe in failed]


def by_arm(runs: list[Measured]) -> list[list[Measured]]:
    """Runs that differ in nothing but their seed, together, in the order they came."""
    arms: dict[str, list[Measured]] = {}
    for run in runs:
        arms.setdefault(run.recipe.model_copy(update={"seed": 0}).to_toml(), []).append(run)
    return list(arms.values())


def names_of(arms: list[list[Measured]]) -> list[str]:
    """What tells each arm from the others."""
    return arm_names([arm[0].recipe for arm in arms])


def unfair(runs: list[Measured]) -> list[str]:
    """What should be equal in a comparison and is not, a line each."""
    first = runs[0].recipe
    keys = [key for key in FAIR if any(getattr(run.recipe, key) != getattr(first, key) for run in runs)]
    if any(run.recipe.train.batch_tokens != first.train.batch_tokens for run in runs):
        keys.append("train.batch_tokens")
    if len({run.precision for run in runs}) > 1:
        keys.append("precision (each took what was faster for it)")
    arms = by_arm(runs)
    if any({run.recipe.seed for run in arm} != {run.recipe.seed for run in arms[0]} for arm in arms):
        keys.append("seeds")
    return [f"not an equal comparison: the runs differ in {key}" for key in keys]


def table(runs: list[Measured], peers: Sequence[Baseline] = ()) -> list[list[str]]:
    """The headings, a line for each arm, and one for each of `peers`.

    Several seeds are given as mean ± standard deviation.
    """
    further = further_scores(runs)
    headings = [*HEADINGS[:-1], accuracy_name(runs[0].held_out["guess"]), *further]
    arms = by_arm(runs)
    rows = [_row(name, arm, further) for name, arm in zip(names_of(arms), arms, strict=True)]
    return [headings, *rows, *(_peer(peer, headings) for peer in peers)]


def further_scores(runs: list[Measured]) -> list[str]:
    """The further scores that belong into a table, of which every run has each."""
    tabled = objective_of(runs[0].recipe).tabled
    return [name for name in tabled if all(name in run.held_out.get("more", {}) for run in runs)]


def _peer(peer: Baseline, headings: list[str]) -> list[str]:
    known = {
        "encoder": peer.full_name,
        "seconds": f"{peer.seconds:.0f}",
        "accuracy": f"{100 * peer.accuracy:.1f} %",
    }
    return [known.get(heading, "-") for heading in headings]


def _row(name: str, arm: list[Measured], further: list[str]) -> list[str]:
    first = arm[0]
    counted = first.result["parameters"]
    seconds = statistics.fmean(run.seconds for run in arm)
    tokens = statistics.fmean(run.result["tokens"] for run in arm)
    return [
        name,
        _short(sum(counted.values())),
        *(_short(counted[place]) for place in ("embedding", "body", "head")),
        _short(first.result["flops_per_token"]),
        _short(tokens),
        f"{seconds:.0f}",
        " and ".join(sorted({run.precision for run in arm})),
        f"{tokens / seconds:,.0f}" if seconds else "-",
        _spread([run.score("loss") for run in arm], "{:.3f}"),
        f"{first.score('baseline_loss'):.3f}",
        _spread([run.score("baseline_loss") - run.score("loss") for run in arm], "{:.3f}"),
        f"{_spread([100 * run.score('accuracy') for run in arm], '{:.1f}')} %",
        *(_spread([run.held_out["more"][name] for run in arm], "{:.3f}") for name in further),
    ]


def markdown(runs: list[Measured], peers: Sequence[Baseline] = ()) -> str:
    """The table, with a line on how to read it, as Markdown."""
    headings, *others = table(runs, peers)
    lines = [headings, ["---"] * len(headings), *others]
    cells = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return f"{cells}\n\n{reading(runs, peers)}\n"


def reading(runs: list[Measured], peers: Sequence[Baseline] = ()) -> str:
    """What the columns mean, in a few lines."""
    first = runs[0]
    split = "test" if "test" in first.result["scores"] else "validation"
    seeds = sorted({run.recipe.seed for run in runs})
    padding = max(run.result["padding"] for run in runs)
    corpus = first.recipe.corpus.get("name") or task_of(first.recipe).corpus
    name, guess = first.held_out["guess"], 100 * first.score("baseline_accuracy")
    near = "Within a tenth: the share of pairs that are told to within a tenth of the scale"
    right = near if name == MEAN_SCORE else "Accuracy: of the likeliest guess"
    return (
        f"Loss: {first.result['unit']}, held out (the {split} split of `{corpus}`). Gain: how far below the "
        f"{name} baseline. {right} ({name} {guess:.1f} %). Parameters: all, then by place. "
        f"FLOPs: of one forward pass. Seconds: of training, on this machine. Seeds: {', '.join(map(str, seeds))}. "
        f"Padding: at most {100 * padding:.1f} % of positions."
        + "".join(f" {_capitalised(peer.full_name)}: {peer.meaning}." for peer in peers)
    )


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _spread(values: list[float], form: str) -> str:
    mean = form.format(statistics.fmean(values))
    return mean if len(values) == 1 else f"{mean} ± {form.format(statistics.stdev(values))}"


def _short(number: int | float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.2f} {unit}"
    return f"{number:.0f}"
