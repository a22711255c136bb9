"""Commands that train and compare."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import Mirror, Out, Overrides, RecipePath, RecipePaths, RunPaths, app, console, say, suggest
from tandem.cli.columns import Label, Score, Second, Tags, Test, Text, Validation, columns_of
from tandem.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from tandem.lab.comparison import Data, Planned
    from tandem.lab.comparison_report import Report
    from tandem.lab.folder import RunFolder


DataOption = Annotated[
    str | None,
    typer.Option(
        "--data", help="read your own file or folder, or another corpus, instead of the recipe's", show_default=False
    ),
]

BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        help="train for so long (90s, 10m, 1h), or so many tokens or steps (2Mtokens, 500steps), instead of the "
        "recipe's budget; a time is that of training and of evaluations on the way, and becomes a number of tokens by "
        "measuring; the measuring, checkpoints and the final scoring come on top",
        show_default=False,
    ),
]


@app.command()
def train(
    recipe: RecipePath, budget: BudgetOption = None, data: DataOption = None, text: Text = None, second: Second = None,
    label: Label = None, score: Score = None, tags: Tags = None, validation: Validation = None, test: Test = None,
    set_: Overrides = [], out: Out = None, mirror: Mirror = None,  # noqa: ARG001, B006
) -> None:  # fmt: skip
    """Train a recipe into a run folder; the same command goes on after a stop."""
    from tandem.display import show_classes, show_table
    from tandem.lab.comparison import plan_run
    from tandem.lab.folder import RunFolder
    from tandem.lab.peers import peers_of
    from tandem.lab.report import measured

    own = _data(data, columns_of(text, second, label, score, tags, validation, test))
    terminal = console()
    if budget is None:
        run = plan_run(recipe, set_, data=own, out=out)
    else:
        run = _within(budget, recipe, set_, own, out, partial(say, terminal))
    _train_all(terminal, [run])
    show_table(terminal, [measured(run.folder)], peers_of([run.recipe]))
    show_classes(terminal, RunFolder(run.folder))
    _pictures(terminal, RunFolder(run.folder))
    suggest(terminal, _question(run))


@app.command()
def compare(
    recipes: RecipePaths,
    seeds: Annotated[int, typer.Option(help="train each recipe with so many seeds", min=1)] = 1,
    data: DataOption = None, text: Text = None, second: Second = None, label: Label = None, score: Score = None,
    tags: Tags = None, validation: Validation = None, test: Test = None,
    set_: Overrides = [], out: Out = None, mirror: Mirror = None,  # noqa: ARG001, B006
) -> None:  # fmt: skip
    """Train recipes one after the other, and put them in one table and one figure."""
    from tandem.display import show_table
    from tandem.lab.comparison import plan
    from tandem.lab.comparison_report import common_folder, write_report

    terminal = console()
    own = _data(data, columns_of(text, second, label, score, tags, validation, test))
    planned = plan(recipes, seeds=seeds, overrides=set_, data=own)
    _train_all(terminal, planned)
    folders = [run.folder for run in planned]
    report = write_report(folders, out or common_folder(folders))
    show_table(terminal, report.runs, report.peers)
    _where(terminal, report)
    suggest(terminal, _question(planned[-1]))


@app.command()
def report(
    runs: RunPaths,
    out: Out = None,
    open_: Annotated[bool, typer.Option("--open", help="show it in the browser")] = False,
) -> None:
    """Put finished runs in one table, one figure and one page."""
    from tandem.display import show_table
    from tandem.lab.comparison_report import common_folder, write_report

    terminal = console()
    written = write_report(runs, out or common_folder(runs), say=partial(say, terminal))
    show_table(terminal, written.runs, written.peers)
    _where(terminal, written)
    if open_:
        typer.launch(written.page.absolute().as_uri())


def _data(source: str | None, columns: dict[str, str]) -> "Data | None":
    from tandem.lab.comparison import Data

    if source is None and columns:
        name = next(iter(columns))
        raise UsageError(f"--{name} names a column of your own table: say which with --data FILE")
    return None if source is None else Data(source, columns)


def _within(
    budget: str, recipe: Path, overrides: list[str], data: "Data | None", out: Path | None,
    say: "Callable[[str], None]",
) -> "Planned":  # fmt: skip
    """The run of a recipe with this budget; a time becomes a number of tokens, so that the run can be repeated."""
    from tandem.lab.budgeting import budget_override, tokens_for
    from tandem.lab.comparison import plan_run

    run = plan_run(recipe, [*overrides, budget_override(budget)], data=data, out=out)
    if run.recipe.budget.seconds is None:
        return run
    tokens = tokens_for(run.recipe, run.folder, say=say)
    return plan_run(recipe, [*overrides, f"budget.tokens={tokens}"], data=data, out=run.folder)


def _question(run: "Planned") -> str:
    """The command that asks the run something, in the way of its task."""
    from tandem.lab.assemble import objective_of
    from tandem.lab.corpora import open_corpus

    match objective_of(run.recipe).asks:
        case "pair":
            command = "nli" if open_corpus(run.recipe).corpus.kind == "pair" else "similarity"
            return f'tandem {command} {run.folder} "A man plays a guitar." "A man makes music."'
        case "masks":
            return f'tandem fill-mask {run.folder} "We must not [MASK] the people."'
        case "next":
            return f'tandem generate {run.folder} "We must "'
        case "translation":
            text = next(iter(run.recipe.samples), "A dog runs along the beach.")
            return f'tandem translate {run.folder} "{text}"'
        case "tags":
            return f'tandem tag {run.folder} "We may meet in May."'
        case "classes":
            return f'tandem classify {run.folder} "We must not forget the people."'
        case _:
            return f"tandem evaluate {run.folder}"


def _train_all(terminal: "Console", planned: "list[Planned]") -> None:
    """Trains what is planned, in view."""
    from tandem.display import TrainingView
    from tandem.lab.comparison import run_all

    events = run_all(planned, say=partial(say, terminal))
    named = ((f"{run.recipe.encoder}  seed {run.recipe.seed}  →  {run.folder}", event) for run, event in events)
    TrainingView(terminal).show(named)


def _pictures(terminal: "Console", folder: "RunFolder") -> None:
    """Where the pictures of a finished run are."""
    from tandem.lab.figures import NOT_DRAWN

    drawn = ", ".join(map(str, sorted(folder.figures.glob("*.png"))))
    say(terminal, f"\nPage: {folder.card}   Pictures: {drawn or NOT_DRAWN}")


def _where(terminal: "Console", report: "Report") -> None:
    from tandem.lab.figures import NOT_DRAWN

    say(terminal, f"\nTable: {report.table}   Page: {report.page}   Learning curves: {report.figure or NOT_DRAWN}")
