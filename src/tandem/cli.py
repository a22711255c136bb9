"""The command line: parses what a person asks for, and calls the lab.

Nothing here imports torch before a command needs it, so that `tandem --help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.core.errors import TandemError

if TYPE_CHECKING:
    from rich.console import Console

    from tandem.lab.study import Planned, Report

app = typer.Typer(
    name="tandem",
    help="Small language encoders from scratch: recurrence and self-attention, apart and together.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

# torch has no error class of its own for a CPU that has no memory left.
OUT_OF_MEMORY = ("can't allocate memory", "out of memory")

RecipePath = Annotated[Path, typer.Argument(help="a recipe, such as recipes/demo/lstm.toml", show_default=False)]
RecipePaths = Annotated[list[Path], typer.Argument(help="recipes to compare", show_default=False)]
RunPath = Annotated[Path, typer.Argument(help="a run folder, such as runs/demo/lstm", show_default=False)]
RunPaths = Annotated[list[Path], typer.Argument(help="run folders", show_default=False)]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set", help='lay key=value over the recipe; repeatable: --set budget.tokens=2e6 --set encoder="gru*2"'
    ),
]
Out = Annotated[Path | None, typer.Option(help="the folder to write into", show_default=False)]


@app.command()
def train(recipe: RecipePath, set_: Overrides = [], out: Out = None) -> None:  # noqa: B006
    """Train a recipe into a run folder; the same command goes on after a stop."""
    from tandem.display import show_table
    from tandem.lab.report import measured
    from tandem.lab.study import plan_run

    run = plan_run(recipe, set_, out=out)
    console = _console()
    _train_all(console, [run])
    show_table(console, [measured(run.folder)])
    _next(console, f'tandem fill-mask {run.folder} "We must not [MASK] the people."')


@app.command()
def compare(
    recipes: RecipePaths,
    seeds: Annotated[int, typer.Option(help="train each recipe with so many seeds", min=1)] = 1,
    set_: Overrides = [],  # noqa: B006
    out: Out = None,
) -> None:
    """Train recipes one after the other, and put them in one table and one figure."""
    from tandem.display import show_table
    from tandem.lab.study import common_folder, plan, write_report

    console = _console()
    planned = plan(recipes, seeds=seeds, overrides=set_)
    _train_all(console, planned)
    folders = [run.folder for run in planned]
    report = write_report(folders, out or common_folder(folders))
    show_table(console, report.runs)
    _where(console, report)
    _next(console, f'tandem fill-mask {folders[-1]} "We must not [MASK] the people." --top 5')


@app.command("fill-mask")
def fill_mask(
    run: RunPath,
    text: Annotated[
        str, typer.Argument(help="a sentence with [MASK] where a word is to be guessed", show_default=False)
    ],
    top: Annotated[int, typer.Option(help="how many words for each mask", min=1)] = 5,
) -> None:
    """Print the likeliest words for every [MASK] of a sentence, with their probabilities."""
    from tandem.lab.fill_mask import fill_mask as guesses_for
    from tandem.lab.folder import open_run

    opened = open_run(run)
    found = guesses_for(opened.model, opened.objective.tokenizer, text, top=top)
    for number, guesses in enumerate(found, start=1):
        if len(found) > 1:
            typer.echo(f"mask {number}")
        for guess in guesses:
            typer.echo(f"{guess.probability:8.4f}  {guess.token}")


@app.command()
def evaluate(
    run: RunPath,
    split: Annotated[str, typer.Option(help="train, validation or test")] = "test",
    set_: Overrides = [],  # noqa: B006
) -> None:
    """Score a run on a split; the same number at every call."""
    from tandem.core.errors import unknown
    from tandem.lab.evaluate import evaluate_run
    from tandem.lab.folder import open_run
    from tandem.text.corpora.base import SPLITS

    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    opened = open_run(run, set_)
    scores = evaluate_run(opened, split=split, say=typer.echo)
    typer.echo(f"{split}: loss {scores.loss:.4f} {opened.objective.unit}, accuracy {100 * scores.accuracy:.2f} %")
    typer.echo(f"unigram baseline: loss {scores.unigram_loss:.4f}, accuracy {100 * scores.unigram_accuracy:.2f} %")
    typer.echo(f"over {scores.count:,} predictions")


@app.command()
def describe(
    encoder: Annotated[
        str, typer.Argument(help='an expression, such as "attention*4 | lstm*2", or a recipe', show_default=False)
    ],
    width: Annotated[int | None, typer.Option(help="width of the hidden states", show_default=False)] = None,
    vocabulary: Annotated[int | None, typer.Option(help="number of token ids", show_default=False)] = None,
    length: Annotated[int | None, typer.Option(help="tokens in a sequence", show_default=False)] = None,
) -> None:
    """Print the tree of an encoder with parameters, operations and bytes of state."""
    from tandem.lab.describe import describe as lines_for

    for line in lines_for(encoder, width=width, vocabulary=vocabulary, length=length):
        typer.echo(line)


@app.command()
def check(recipe: RecipePath, set_: Overrides = []) -> None:  # noqa: B006
    """Say whether a recipe can run, without running it."""
    from tandem.core.config import read_recipe
    from tandem.lab.assemble import check as build
    from tandem.nn.cost import parameters

    loaded = read_recipe(recipe, set_)
    counted = parameters(build(loaded))
    typer.echo(f"{recipe}: fine; {loaded.encoder}, {counted.total:,} parameters")


@app.command()
def report(runs: RunPaths, out: Out = None) -> None:
    """Put finished runs in one table and one figure."""
    from tandem.display import show_table
    from tandem.lab.study import common_folder, write_report

    console = _console()
    written = write_report(runs, out or common_folder(runs))
    show_table(console, written.runs)
    _where(console, written)


def _train_all(console: "Console", planned: "list[Planned]") -> None:
    """Trains what is planned, in view."""
    from tandem.display import TrainingView
    from tandem.lab.study import run_all

    events = run_all(planned, say=lambda text: console.print(text, highlight=False, markup=False, soft_wrap=True))
    named = ((f"{run.recipe.encoder}  seed {run.recipe.seed}  →  {run.folder}", event) for run, event in events)
    TrainingView(console).show(named)


def _console() -> "Console":
    from rich.console import Console

    # A pipe or a file has no width of its own, and a table that is cut at 80 columns cannot be read.
    return Console(width=None if sys.stdout.isatty() else 180)


def _where(console: "Console", report: "Report") -> None:
    from tandem.lab.figures import NOT_DRAWN

    found = f"\nTable: {report.table}   Learning curves: {report.figure or NOT_DRAWN}"
    console.print(found, highlight=False, markup=False, soft_wrap=True)


def _next(console: "Console", command: str) -> None:
    console.print(f"\nNext: {command}", highlight=False, markup=False, soft_wrap=True)


def main() -> None:
    """Runs a command; a user's mistake becomes one line and an exit code, never a traceback."""
    # Waiting threads of libgomp spin: beside one other busy process a step took 2 to 12 times as long on two cores.
    # A short spin costs nothing alone; the variable is read when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    try:
        app(prog_name="tandem")
    except TandemError as error:
        _fail(f"{type(error).__name__}: {error}", error.exit_code)
    except KeyboardInterrupt:
        _fail("Stopped: at once; what was saved before stays", 130)
    except OSError as error:
        _fail(f"ResourceError: the system refused: {error}", 4)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(sign in str(error) for sign in OUT_OF_MEMORY):
            raise
        _fail("ResourceError: not enough memory; lower train.batch_tokens, model.width or tokenizer.size", 4)


def _fail(message: str, code: int) -> None:
    typer.echo(" ".join(message.split()), err=True)
    sys.exit(code)
