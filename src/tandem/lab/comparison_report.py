"""Finished runs side by side, on disk: as Markdown with a picture, and as a page that needs nothing else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tandem.core.files import write_atomic
from tandem.lab.charts import chart
from tandem.lab.curves import BUDGETS, mean_curve, spent_and_lost
from tandem.lab.figures import drawable, learning_curves
from tandem.lab.page import Block, Cells, Charts, Command, Heading, Paragraph, as_html
from tandem.lab.peers import Peers, peers_of
from tandem.lab.report import Measured, by_arm, distrusted, markdown, measured, names_of, reading, table, unfair

TITLE = "Comparison"


@dataclass(frozen=True)
class Report:
    """A comparison on disk; there is no figure where the extra `plots` is not installed."""

    runs: list[Measured]
    peers: Peers
    table: Path
    page: Path
    figure: Path | None


def write_report(folders: list[Path], out: Path, *, say: Callable[[str], None] = lambda _: None) -> Report:
    """Writes `comparison.md`, `comparison.html`, and `curves.png` where it can be drawn, into the folder `out`.

    They are about finished runs. `say` is told what takes long.

    Raises:
        UsageError: a folder is no run. ArtifactError: a run is not finished, or damaged.
    """
    runs = [measured(folder) for folder in folders]
    peers = peers_of([run.recipe for run in runs], say=say)
    figure = out / "curves.png" if drawable() else None
    report = Report(runs, peers, out / "comparison.md", out / "comparison.html", figure)
    notes = list(filter(None, (*distrusted(runs), *unfair(runs), peers.note)))
    commands = [f"tandem evaluate {folder}" for folder in folders]
    write_atomic(report.page, as_html(TITLE, _blocks(runs, peers, notes, commands)))
    if report.figure:
        learning_curves(runs, report.figure)
    picture = "![Learning curves](curves.png)\n\n" if report.figure else ""
    content = markdown(runs, peers.found) + "".join(f"{note}\n" for note in notes)
    indented = "".join(f"    {command}\n" for command in commands)
    write_atomic(report.table, f"# {TITLE}\n\n{content}\n{picture}{indented}")
    return report


def _blocks(runs: list[Measured], peers: Peers, notes: list[str], commands: list[str]) -> list[Block]:
    headings, *rows = table(runs, peers.found)
    arms = by_arm(runs)
    spent = [[spent_and_lost(run) for run in arm] for arm in arms]
    drawn = []
    for budget, across in BUDGETS.items():
        curves = [
            mean_curve(name, number, [(lines[budget], lines["loss"]) for lines in arm])
            for number, (name, arm) in enumerate(zip(names_of(arms), spent, strict=True))
        ]
        drawn.append((budget, chart(curves, title=f"by {across}", across=across, up=runs[0].result["unit"])))
    return [
        *(Paragraph(note, "warning") for note in notes),
        Cells(headings, rows),
        Paragraph(reading(runs, peers.found), "note"),
        Heading("Learning curves"),
        Paragraph("Loss on the validation split: mean over seeds, and a band from the least to the greatest.", "note"),
        Charts(drawn),
        Heading("Ask again"),
        Command("\n".join(commands)),
    ]


def common_folder(folders: list[Path]) -> Path:
    """The deepest folder that holds all `folders`."""
    common = Path(os.path.commonpath([folder.absolute().parent for folder in folders]))
    return common.relative_to(Path.cwd()) if common.is_relative_to(Path.cwd()) else common
