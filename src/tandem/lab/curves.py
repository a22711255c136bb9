"""How the validation loss of runs falls with what they spend: the numbers of learning curves."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.lab.charts import Curve
from tandem.lab.report import Measured
from tandem.train.logbook import read_log

PLACES = 40
BUDGETS = {"tokens": "tokens read", "flops": "FLOPs of training", "seconds": "seconds of training"}


def spent_and_lost(run: Measured) -> dict[str, NDArray[np.float64]]:
    """The validation loss at every evaluation of a run after its first step, and what was spent until then.

    Raises:
        ArtifactError: a log is damaged.
    """
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


def mean_curve(name: str, number: int, seeds: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Curve:
    """The mean over `seeds`, each (places, losses), and a band from the least to the greatest.

    Seeds evaluate at almost the same places; between two of its own a seed is a straight line.
    """
    end = min(float(x[-1]) for x, _ in seeds)
    first = seeds[0][0]
    begin = max(float(x[0]) for x, _ in seeds)
    places = first if all(np.array_equal(x, first) for x, _ in seeds) else np.linspace(begin, end, PLACES)
    lines = np.array([np.interp(places, x, y) for x, y in seeds])
    band = (lines.min(axis=0).tolist(), lines.max(axis=0).tolist()) if len(seeds) > 1 else ((), ())
    return Curve(name, number, places.tolist(), lines.mean(axis=0).tolist(), *band)
