"""Commands that run a study and report on it."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.app import Mirror, app, console, say, suggest
from tandem.core.errors import UsageError

study = typer.Typer(
    name="study",
    help="Compare encoders under equal budgets, with seeds and statistics.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(study)

StudyPath = Annotated[Path, typer.Argument(help="a study, such as studies/founding.toml", show_default=False)]


@study.command()
def run(
    study: StudyPath,
    parallel: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="train so many runs at a time, if more than one each in a process of one thread; without it a study "
            "goes on as it was begun, and a new one measures which is faster here",
            show_default=False,
        ),
    ] = None,
    launcher: Annotated[
        str, typer.Option(help="send all runs of a phase to a cluster at once: slurm", show_default=False)
    ] = "",
    slurm: Annotated[
        list[str],
        typer.Option(metavar="KEY=VALUE", help="an option of Slurm's, such as partition=gpu", show_default=False),
    ] = [],  # noqa: B006
    mirror: Mirror = None,  # noqa: ARG001
) -> None:
    """Train what a study has not trained yet; the same command goes on after a stop."""
    from tandem.cli.study_view import show_study
    from tandem.lab.studies.pace import runs_at_a_time
    from tandem.lab.studies.run import run_study
    from tandem.lab.studies.study import read_study

    terminal = console()
    options, tell = _options(slurm, launcher), partial(say, terminal)
    read = read_study(study)
    if launcher and parallel is not None:
        raise UsageError(f"--parallel {parallel} is for this machine; with --launcher {launcher} every run is a job")
    at_a_time = 1 if launcher else parallel or runs_at_a_time(read, say=tell)
    turns = run_study(read, parallel=at_a_time, launcher=launcher, slurm=options, say=tell)
    show_study(terminal, turns)
    suggest(terminal, f"tandem study report {study}")


@study.command()
def report(
    study: StudyPath,
    open_: Annotated[bool, typer.Option("--open", help="show it in the browser")] = False,
    mirror: Mirror = None,  # noqa: ARG001
) -> None:
    """Write the report of a study, of all that is finished."""
    from tandem.lab.studies.report import write_study_report
    from tandem.lab.studies.study import read_study

    terminal = console()
    written = write_study_report(read_study(study), say=partial(say, terminal))
    for line in (*written.short, f"\nReport: {written.html}   Markdown: {written.markdown}"):
        say(terminal, line)
    if open_:
        typer.launch(written.html.absolute().as_uri())


def _options(given: list[str], launcher: str) -> dict[str, str]:
    if given and not launcher:
        raise UsageError("--slurm says how jobs are to run; it goes with --launcher slurm")
    options = {key: value for key, _, value in (option.partition("=") for option in given)}
    if "" in options.values():
        raise UsageError(f"--slurm {next(key for key, value in options.items() if not value)}: write KEY=VALUE")
    return options
