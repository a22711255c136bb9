"""The page that explains a run folder to whoever finds it."""

from tandem.core.files import write_atomic
from tandem.lab.figures import learning_curves
from tandem.lab.folder import RunFolder
from tandem.lab.report import markdown, measured


def write_card(folder: RunFolder, *, command: str) -> None:
    """Writes `README.md` and the learning curve of a finished run.

    Raises:
        UsageError: the extra `plots` is not installed; the card is written all the same.
    """
    run = measured(folder.path)
    versions = folder.read_json(folder.machine)
    write_atomic(
        folder.card,
        f"# {run.recipe.encoder}\n\n"
        f"Trained from scratch by Tandem, task `{run.recipe.task}`, seed {run.recipe.seed}.\n\n{markdown([run])}\n"
        f"Precision {versions['precision']}, {versions['threads']} threads, torch {versions['versions']['torch']}, "
        f"Python {versions['versions']['python']}.\n\n"
        f"Repeat it:\n\n    {command}\n\n"
        "The recipe with all defaults is `config.toml`; every step and evaluation is in `log.jsonl`.\n\n"
        "![Learning curve](figures/curve.png)\n",
    )
    learning_curves([run], folder.figures / "curve.png")
