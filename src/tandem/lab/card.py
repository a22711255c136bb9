"""The page that explains a run folder to whoever finds it."""

from tandem.core.files import write_atomic
from tandem.lab.figures import drawable, learning_curves
from tandem.lab.folder import RunFolder
from tandem.lab.report import markdown, measured


def write_card(folder: RunFolder, *, command: str) -> None:
    """Writes `README.md` of a finished run, and its learning curve where the extra `plots` is installed."""
    run = measured(folder.path)
    versions = folder.read_json(folder.machine, "precision", "threads", "versions")
    picture = drawable()
    write_atomic(
        folder.card,
        f"# {run.recipe.encoder}\n\n"
        f"Trained from scratch by Tandem, task `{run.recipe.task}`, seed {run.recipe.seed}.\n\n{markdown([run])}\n"
        f"Precision {versions['precision']}, {versions['threads']} threads, torch {versions['versions']['torch']}, "
        f"Python {versions['versions']['python']}.\n\n"
        f"Repeat it:\n\n    {command}\n\n"
        "The recipe with all defaults is `config.toml`; every step and evaluation is in `log.jsonl`.\n"
        + ("\n![Learning curve](figures/curve.png)\n" if picture else ""),
    )
    if picture:
        learning_curves([run], folder.figures / "curve.png")
