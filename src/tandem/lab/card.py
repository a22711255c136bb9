"""The page that explains a run folder to whoever finds it."""

from collections.abc import Callable

from tandem.core.config import SCRATCH, Recipe
from tandem.core.errors import UsageError
from tandem.core.files import write_atomic, write_json
from tandem.lab.class_report import ClassReport, reports_of
from tandem.lab.figures import confusion_matrix, drawable, learning_curves
from tandem.lab.folder import RunFolder
from tandem.lab.peers import Peers, peers_of
from tandem.lab.report import Measured, markdown, measured


def write_card(folder: RunFolder, *, command: str, say: Callable[[str], None] = lambda _: None) -> None:
    """Writes `README.md` of a finished run; where it tells classes, its report on them, which is `report.json` too.

    Pictures come with it where the extra `plots` is installed. `say` is told what takes long.
    """
    run = measured(folder.path)
    versions = folder.read_json(folder.machine, "precision", "threads", "versions")
    peers = peers_of([run.recipe], say=say)
    try:
        reports, hint = reports_of(folder), ""
    except UsageError as error:
        reports, hint = [], str(error)
    if reports:
        write_json(folder.report, {report.split: report.to_json() for report in reports})
    picture = drawable()
    write_atomic(
        folder.card,
        f"# {run.recipe.encoder}\n\n"
        f"Trained {_origin(run.recipe)} by Tandem, task `{run.recipe.task}`, seed {run.recipe.seed}.\n\n"
        f"{markdown([run], peers.found)}\n{_further(run)}{_kept(run)}{_probed(run)}"
        f"Precision {versions['precision']}, {versions['threads']} threads, torch {versions['versions']['torch']}, "
        f"Python {versions['versions']['python']}.\n\n"
        f"Repeat it:\n\n    {command}\n\n"
        "The recipe with all defaults is `config.toml`; every step and evaluation is in `log.jsonl`.\n"
        + "".join(map(_classes, reports[-1:]))
        + _missing(hint, peers)
        + ("\n![Confusion matrix](figures/confusion.png)\n" if picture and reports else "")
        + ("\n![Learning curves](figures/curve.png)\n" if picture else ""),
    )
    if picture:
        learning_curves([run], folder.figures / "curve.png")
        for report in reports[-1:]:
            confusion_matrix(report.counts, report.labels, folder.figures / "confusion.png", split=report.split)


def _origin(recipe: Recipe) -> str:
    if recipe.init == SCRATCH:
        return "from scratch"
    return f"{'on top of' if recipe.transfer and recipe.transfer.freeze else 'from'} the weights of `{recipe.init}`"


def _kept(run: Measured) -> str:
    if (kept := run.result.get("kept")) is None:
        return ""
    return f"Its weights are those of step {kept['step']}, the best on validation by {kept['by']}.\n\n"


def _probed(run: Measured) -> str:
    return "".join(f"Probed: {probe.sentence()}.\n" for probe in run.probes) + ("\n" if run.probes else "")


def _further(run: Measured) -> str:
    """All further scores, those that a table has no room for too."""
    found = run.held_out.get("more", {})
    return "".join(f"- {name}: {value:.4f}\n" for name, value in found.items()) + ("\n" if found else "")


def _classes(report: ClassReport) -> str:
    indented = "\n".join(f"    {line}".rstrip() for line in report.text.splitlines())
    note = f"\n{report.note}\n" if report.note else ""
    return f"\n## Classes ({report.split} split)\n\n{indented}\n{note}\nEvery answer is in `predictions.csv`.\n"


def _missing(*whys: str | Peers) -> str:
    notes = dict.fromkeys(why.note if isinstance(why, Peers) else why for why in whys)
    return "".join(f"\n{note}\n" for note in notes if note)
