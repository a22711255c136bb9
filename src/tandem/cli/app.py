"""The application, and what its commands share.

Nothing here or in the commands imports torch before a command needs it, so that `tandem --help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="tandem",
    help="Small language encoders from scratch: recurrence and self-attention, apart and together.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

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


def _folder(out: Path | None) -> Path | None:
    """Refuses what cannot be a folder, before anything slow begins."""
    from tandem.core.errors import UsageError, disk_errors

    with disk_errors(out):
        if out is not None and out.exists() and not out.is_dir():
            raise UsageError(f"{out}: cannot be written into, it is a file; --out names a folder")
    return out


Out = Annotated[Path | None, typer.Option(help="the folder to write into", show_default=False, callback=_folder)]


def _use_mirror(folder: Path | None) -> Path | None:
    """Reads public data sets from `folder` from now on."""
    from tandem.core.errors import DataError

    if folder is not None:
        if not folder.is_dir():
            raise DataError(f"--mirror {folder}: no such folder; a mirror holds OWNER/NAME/CONFIG/SPLIT-*.parquet")
        os.environ["TANDEM_MIRROR"] = str(folder)
    return folder


Mirror = Annotated[
    Path | None,
    typer.Option(
        help="read public data sets from this local copy of the hub; same as TANDEM_MIRROR", show_default=False,
        callback=_use_mirror,
    ),
]  # fmt: skip


def console() -> "Console":
    """Where tables and progress are printed."""
    from rich.console import Console

    # A pipe or a file has no width of its own, and a table that is cut at 80 columns cannot be read.
    return Console(width=None if sys.stdout.isatty() else 180)


def say(terminal: "Console", text: str) -> None:
    """Prints a text as it is: a bracket in it is no markup, and a long line is not broken."""
    terminal.print(text, highlight=False, markup=False, soft_wrap=True)


def suggest(terminal: "Console", command: str) -> None:
    """Prints the command that a person would give next."""
    say(terminal, f"\nNext: {command}")
