"""The charts of a study: how losses fall with what is spent, and where arms end for what they cost."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.core.files import as_name
from tandem.lab.charts import Curve, chart
from tandem.lab.report import Measured
from tandem.lab.studies.results import Part
from tandem.train.logbook import read_log

PLACES = 40
BUDGETS = {"tokens": "tokens read", "flops": "FLOPs of training", "seconds": "seconds of training"}


def learning_charts(part: Part, *, unit: str) -> list[tuple[str, str]]:
    """The validation loss of every arm by tokens, by FLOPs and by seconds, each with its name.

    A line is the mean over seeds, its band reaches from the least to the greatest.

    Raises:
        ArtifactError: a log is damaged.
    """
    logged = {name: [_logged(run) for run in part.told(name)] for name in part.scores}
    drawn = []
    for budget, across in BUDGETS.items():
        curves = [
            _curve(name, number, [(lines[budget], lines["loss"]) for lines in logged[name]])
            for number, name in enumerate(part.arms)
            if name in logged
        ]
        title = f"{part.task}, equal {part.equal}: by {'FLOPs' if budget == 'flops' else budget}"
        drawing = chart(curves, title=title, across=across, up=unit)
        drawn.append((as_name(f"{part.task}-{part.equal}-{budget}"), drawing))
    return drawn


def budget_charts(parts: Sequence[Part], *, score: str) -> list[tuple[str, str]]:
    """The held-out score of every arm against the FLOPs and the seconds of its training, a chart for each task.

    A point is the mean over seeds under one condition of the study. Points of one arm are not joined: where conditions
    give it another width, they are other models.
    """
    drawn = []
    for task in dict.fromkeys(part.task for part in parts):
        of_task = [part for part in parts if part.task == task and part.seeds]
        for budget in ("flops", "seconds"):
            curves = []
            for number, name in enumerate(of_task[0].arms if of_task else ()):
                points = sorted(
                    (float(np.mean([_whole(run, budget) for run in part.told(name)])), part.estimates[name].value)
                    for part in of_task
                    if name in part.scores
                )
                if points:
                    x, y = zip(*points, strict=True)
                    curves.append(Curve(name, number, x, y, joined=False))
            title = f"{task}: what arms reach for what they cost"
            drawing = chart(curves, title=title, across=BUDGETS[budget], up=score)
            drawn.append((as_name(f"{task}-{score}-by-{budget}"), drawing))
    return drawn


def _whole(run: Measured, budget: str) -> float:
    return float(run.result["training_flops"]) if budget == "flops" else run.seconds


def _logged(run: Measured) -> dict[str, NDArray[np.float64]]:
    """The validation loss at every evaluation of a run after its first step, and what was spent until then."""
    lines = [line for line in read_log(run.folder.log) if "validation" in line and line["step"]]
    try:
        seconds = {line["step"]: line["seconds"] for line in read_log(run.folder.timings)}
        tokens = np.array([line["tokens"] for line in lines], dtype=np.float64)
        return {
            "tokens": tokens,
            # Operations are those of positions; padding is spread evenly over a training.
            "flops": tokens / run.result["tokens"] * run.result["training_flops"],
            "seconds": np.array([seconds[line["step"]] for line in lines], dtype=np.float64),
            "loss": np.array([line["validation"]["loss"] for line in lines]),
        }
    except KeyError as error:
        raise ArtifactError(f"{run.folder.path}: an evaluation in its logs lacks {error}") from None


def _curve(name: str, number: int, seeds: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Curve:
    """Seeds evaluate at almost the same places; between two of its own a seed is a straight line."""
    end = min(float(x[-1]) for x, _ in seeds)
    first = seeds[0][0]
    begin = max(float(x[0]) for x, _ in seeds)
    places = first if all(np.array_equal(x, first) for x, _ in seeds) else np.linspace(begin, end, PLACES)
    lines = np.array([np.interp(places, x, y) for x, y in seeds])
    band = (lines.min(axis=0).tolist(), lines.max(axis=0).tolist()) if len(seeds) > 1 else ((), ())
    return Curve(name, number, places.tolist(), lines.mean(axis=0).tolist(), *band)
