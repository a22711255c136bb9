"""The report of a study: one page of HTML, and the same as Markdown."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tandem.core.files import write_atomic
from tandem.lab.page import (
    Block,
    Charts,
    Command,
    Heading,
    Paragraph,
    Points,
    as_html,
    as_markdown,
    write_charts,
)
from tandem.lab.statistics.permutation import least_p
from tandem.lab.studies.caveats import caveats
from tandem.lab.studies.curves import budget_charts, learning_charts
from tandem.lab.studies.origins import origins
from tandem.lab.studies.results import Part, Results, results
from tandem.lab.studies.scores import sign_of
from tandem.lab.studies.study import Study
from tandem.lab.studies.tables import (
    arms_table,
    budgets_table,
    effects_table,
    pairs_table,
    samples_table,
    scores_table,
    shares_table,
    trials_table,
)
from tandem.lab.studies.way import way_of

EQUAL = {
    "parameters": "equal parameters (embedding tables left out)",
    "flops": "equal FLOPs for each token",
    "width": "equal width",
    "tokens": "equal tokens",
    "seconds": "equal seconds of training",
}


@dataclass(frozen=True)
class StudyReport:
    """The files of a report, and what they say in short."""

    html: Path
    markdown: Path
    short: list[str]


def write_study_report(study: Study, *, say: Callable[[str], None] = lambda _: None) -> StudyReport:
    """Writes `report.html`, `report.md` and `figures/` into the folder of a study.

    Raises:
        ArtifactError: nothing is finished yet, or a run is damaged. UsageError: the study is wrong.
        ResourceError: the disk is full.
    """
    found = results(study, say=say)
    short = [in_short(part, study.table.score) for part in found.parts if part.seeds]
    blocks = _blocks(found, short)
    report = StudyReport(study.folder / "report.html", study.folder / "report.md", short)
    write_charts(blocks, study.folder / "figures")
    write_atomic(report.markdown, as_markdown(study.table.question, blocks, charts="figures"))
    write_atomic(report.html, as_html(study.table.question, blocks))
    return report


def in_short(part: Part, score: str) -> str:
    """Which arm has the best mean, which ones it is shown to be better than, and which ones not."""
    where = f"{part.task}, {EQUAL[part.equal]}"
    if len(part.scores) < 2:
        return f"{where}: fewer than two arms have a number, so nothing is compared"
    means = {name: estimate.value for name, estimate in part.estimates.items()}
    best = max(means, key=lambda name: sign_of(score) * means[name])
    decided = {name: False for name in means if name != best}
    for verdict in part.verdicts:
        if verdict.first == best:
            decided[verdict.second] = verdict.decided
    shown = [name for name, holds in decided.items() if holds]
    open_ = [name for name, holds in decided.items() if not holds]
    sentence = f"{where}: the best mean {score} is that of {best} ({means[best]:.3f})"
    sentence += f"; it is shown to be better than {_listed(shown)}" if shown else ""
    return sentence + (f"; no difference is shown to {_listed(open_)}" if open_ else "")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _blocks(found: Results, short: list[str]) -> list[Block]:
    study, table = found.study, found.study.table
    reached = [part for part in found.parts if part.seeds]
    blocks: list[Block] = [Heading("In short"), Points(short)]
    if table.limits:
        blocks += [Heading("Limits", 3), Points(table.limits)]
    if found.finished < found.planned:
        text = (
            f"Not finished: {found.finished} of {found.planned} runs. All numbers are of the seeds that are complete."
        )
        blocks.append(Paragraph(text, "warning"))
    blocks += [Paragraph(_judged(found), "note"), Heading("Arms"), arms_table(found)]
    blocks += [Heading("Traps"), *caveats(found)]
    for part in found.parts:
        blocks += _part(found, part)
    blocks += [
        Heading(f"{table.score.capitalize()} as a function of budget"),
        Paragraph("Each point is the mean of an arm under one condition.", "note"),
        Charts(budget_charts(reached, score=table.score)),
    ]
    if (samples := samples_table(reached)) is not None:
        blocks += [
            Heading("Samples"),
            Paragraph("The likeliest answers of the first seed at its end.", "note"),
            samples,
        ]
    run = " ".join(filter(None, ("tandem study run", str(study.path), way_of(study))))
    return [
        *blocks,
        Heading("Where the numbers come from"), *origins(found),
        Heading("Repeat it"), Command(f"{run}\ntandem study report {study.path}"),
    ]  # fmt: skip


def _judged(found: Results) -> str:
    """By what arms are judged, and when a difference is called one."""
    table = found.study.table
    first = next(run for part in found.parts for name in part.scores for run in part.told(name))
    split = "test" if "test" in first.result["scores"] else "validation"
    has_texts = any(scores.ndim > 1 for part in found.parts for scores in part.scores.values())
    return (
        f"Judged by {table.score} on the {split} split ({'more' if sign_of(table.score) > 0 else 'less'} is better; "
        f"losses are {first.result['unit']}), seeds {', '.join(map(str, table.seeds))}. Intervals are of 95 %, over "
        f"seeds{' and texts' if has_texts else ''}, each by itself. A difference is called one when its p, corrected "
        "for all pairs of one comparison (Holm), is at most 0.05; p is that of "
        + ("min F', a t test over seeds and texts." if has_texts else "Student's paired t over seeds.")
    )


def _part(found: Results, part: Part) -> list[Block]:
    table = found.study.table
    blocks: list[Block] = [Heading(f"{part.task}: {EQUAL[part.equal]}"), Heading("Budgets", 3), budgets_table(part)]
    if not part.seeds:
        return [*blocks, Paragraph("No seed is finished for every arm yet.", "warning")]
    unit = next(part.told(name)[0].result["unit"] for name in part.scores)
    blocks += [
        Heading("Learning curves", 3),
        Paragraph("Loss on the validation split: mean over seeds, and a band from the least to the greatest.", "note"),
        Charts(learning_charts(part, unit=unit)),
        Heading("Scores", 3), scores_table(part, table.score),
    ]  # fmt: skip
    if part.peers.note:
        blocks.append(Paragraph(part.peers.note, "note"))
    if part.verdicts:
        blocks += [
            Heading("Pairs", 3),
            Points([verdict.sentence(worth=table.worth) for verdict in part.verdicts]),
            pairs_table(part),
            Paragraph(_tests(part), "note"),
        ]
    if part.effects is not None and len(part.seeds) > 1:
        blocks += [
            Heading("Apart and together", 3),
            Paragraph("Two by two: what each brings on average, and what both bring beyond the sum.", "note"),
            effects_table(part.effects),
        ]
    if (shares := shares_table(part)) is not None:
        blocks += [
            Heading("Shares of a hybrid", 3),
            Paragraph(
                "What the mechanisms of a trained hybrid give: by how much each alone lowers the held-out loss below "
                "that of the model with both silenced, and what only both give. Nothing is trained again.", "note",
            ),
            shares,
        ]  # fmt: skip
    if (trials := trials_table(part, table.score)) is not None:
        blocks += [
            Heading("Learning rates tried", 3),
            Paragraph("Validation scores, and the best that so many tries are expected to find.", "note"),
            trials,
        ]
    return blocks


def _tests(part: Part) -> str:
    """What stands in the table of pairs, and what each of its numbers is worth."""
    seeds = len(part.seeds)
    return (
        f"p (Holm) decides. The permutation test alone cannot go below {least_p(seeds):.3g} with {seeds} seeds. ASO ε "
        "is an upper bound of how far almost stochastic order is violated: below 0.5 for the better one of two; of two "
        "equal arms with 4 seeds one gets below 0.2 in a sixth of studies. So many seeds see a difference as large as "
        "the observed one in four of five studies."
    )
