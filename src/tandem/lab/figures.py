"""Learning curves as pictures."""

import importlib.util
import io
from pathlib import Path
from typing import Any

from tandem.core.files import write_atomic
from tandem.lab.report import Measured, by_arm
from tandem.train.logbook import read_log

NOT_DRAWN = "not drawn; pip install -e '.[plots]' in the clone draws them"


def drawable() -> bool:
    """Whether the extra `plots` is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def learning_curves(runs: list[Measured], path: Path) -> None:
    """Draws the validation loss of every run against the tokens read, with the baseline, as PNG.

    Needs the extra `plots`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes = figure.add_subplot()
    arms = by_arm(runs)
    for number, arm in enumerate(arms):
        for seed, run in enumerate(arm):
            evaluations = _evaluations(run)
            tokens = [line["tokens"] / 1e6 for line in evaluations]
            losses = [line["validation"]["loss"] for line in evaluations]
            label = run.recipe.encoder.replace("$", r"\$") if seed == 0 else None
            axes.plot(
                tokens, losses, color=f"C{number}", marker="o", markersize=3, linewidth=1.6, alpha=0.9, label=label
            )
    first = _evaluations(runs[0])[0]["validation"]
    label = f"{first['guess']} baseline"
    axes.axhline(first["baseline_loss"], color="0.4", linestyle="--", linewidth=1, label=label)
    axes.set_xlabel("tokens read (millions)")
    axes.set_ylabel(f"validation loss ({runs[0].result['unit']})")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    write_atomic(path, content.getvalue())


def _evaluations(run: Measured) -> list[dict[str, Any]]:
    return [line for line in read_log(run.folder.log) if "validation" in line]
