"""The charts of a study: how losses fall with what is spent, and where arms end for what they cost."""

from collections.abc import Sequence

import numpy as np

from tandem.core.files import as_name
from tandem.lab.charts import Curve, chart
from tandem.lab.curves import BUDGETS, mean_curve, spent_and_lost
from tandem.lab.report import Measured
from tandem.lab.studies.results import Part


def learning_charts(part: Part, *, unit: str) -> list[tuple[str, str]]:
    """The validation loss of every arm by tokens, by FLOPs and by seconds, each with its name.

    A line is the mean over seeds, its band reaches from the least to the greatest.

    Raises:
        ArtifactError: a log is damaged.
    """
    logged = {name: [spent_and_lost(run) for run in part.told(name)] for name in part.scores}
    drawn = []
    for budget, across in BUDGETS.items():
        curves = [
            mean_curve(name, number, [(lines[budget], lines["loss"]) for lines in logged[name]])
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
