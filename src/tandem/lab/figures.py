"""Learning curves and confusion matrices as pictures."""

import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tandem.core.files import write_atomic
from tandem.lab.report import Measured, by_arm, names_of
from tandem.objectives.base import accuracy_name
from tandem.train.logbook import read_log

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOT_DRAWN = "not drawn; pip install -e '.[plots]' in the clone draws them"
POINTS, STEPS_A_POINT = 100, 10
"""So many means of neighbouring steps make the curve of a training: at most, and of at least."""
MOST_WRITTEN = 20
"""In a larger confusion matrix neither counts nor names can be read."""


def drawable() -> bool:
    """Whether the extra `plots` is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def learning_curves(runs: list[Measured], path: Path) -> None:
    """Draws loss and accuracy of every run, called as in its table, against the tokens read, with the baseline, as PNG.

    They are those of the validation split; where there is one run, those of its training batches stand beside
    them. A dotted line marks the weights that a run kept. Needs the extra `plots`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.8), layout="constrained")
    panels = figure.subplots(1, 2)
    arms = by_arm(runs)
    logs = {id(run): read_log(run.folder.log) for run in runs}
    first = next(line["validation"] for line in logs[id(runs[0])] if "validation" in line)
    for axes, key, quantity in zip(
        panels, ("loss", "accuracy"), (f"loss ({runs[0].result['unit']})", accuracy_name(first["guess"])), strict=True
    ):
        for number, (name, arm) in enumerate(zip(names_of(arms), arms, strict=True)):
            for seed, run in enumerate(arm):
                label = name.replace("$", r"\$") if seed == 0 else None
                if len(runs) == 1:
                    axes.plot(*_training(logs[id(run)], key), color="0.6", linewidth=1, label="training")
                    label = "validation"
                tokens, values = _validation(logs[id(run)], key)
                axes.plot(
                    tokens, values, alpha=0.9, color=f"C{number}", marker="o", markersize=3, linewidth=1.6, label=label
                )
        if len(runs) == 1 and (kept := runs[0].result.get("kept")):
            tokens = [line["tokens"] / 1e6 for line in logs[id(runs[0])] if line["step"] == kept["step"]]
            axes.axvline(tokens[0], color="0.4", linestyle=":", linewidth=1, label="kept")
        baseline = f"{first['guess']} baseline"
        axes.axhline(first[f"baseline_{key}"], color="0.4", linestyle="--", linewidth=1, label=baseline)
        axes.set_xlabel("tokens read (millions)")
        axes.set_ylabel(quantity if len(runs) == 1 else f"validation {quantity}")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].legend(frameon=False)
    _save(figure, path)


def confusion_matrix(counts: NDArray[np.int64], labels: Sequence[str], path: Path, *, split: str) -> None:
    """Draws how often each class was taken for each, (K, K), as PNG; a colour is a share of its row's class.

    Needs the extra `plots`.
    """
    from matplotlib.figure import Figure

    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    side = min(12.0, 3.2 + 0.45 * len(labels))
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class")
    axes.set_xlabel("said")
    axes.set_ylabel(f"true ({split} split)")
    if len(labels) <= MOST_WRITTEN:
        names = [label.replace("$", r"\$") for label in labels]
        axes.set_xticks(range(len(labels)), names, rotation=45, ha="right")
        axes.set_yticks(range(len(labels)), names)
        for row, column in np.ndindex(counts.shape):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=color, fontsize=9)
    _save(figure, path)


def _validation(log: list[dict[str, Any]], key: str) -> tuple[list[float], list[float]]:
    lines = [line for line in log if "validation" in line]
    return [line["tokens"] / 1e6 for line in lines], [line["validation"][key] for line in lines]


def _training(log: list[dict[str, Any]], key: str) -> tuple[list[float], list[float]]:
    """Means over neighbouring steps."""
    steps = [line for line in log if key in line]
    parts = np.array_split(np.arange(len(steps)), max(1, min(POINTS, len(steps) // STEPS_A_POINT)))
    tokens = [float(np.mean([steps[number]["tokens"] for number in part])) / 1e6 for part in parts if part.size]
    return tokens, [float(np.mean([steps[number][key] for number in part])) for part in parts if part.size]


def _save(figure: "Figure", path: Path) -> None:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    write_atomic(path, content.getvalue())
