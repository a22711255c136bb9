"""What commands that ask about texts share: the text or file, and where answers are written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.core.errors import UsageError

if TYPE_CHECKING:
    from tandem.lab.texts import Placed

Text = Annotated[str | None, typer.Argument(help="the text", show_default=False)]
TextFile = Annotated[
    Path | None,
    typer.Option("--file", help="texts: a line each, or rows of a csv, tsv, jsonl or Parquet", show_default=False),
]
TextColumn = Annotated[
    str | None, typer.Option("--text", help="the column of the text in such a table", show_default=False)
]
Lines = Annotated[
    Path | None, typer.Option("--jsonl", help="write a JSON object a line for each text", show_default=False)
]


def asked(
    text: str | None, file: Path | None, column: str | None, *outputs: Path | None, example: str
) -> "Iterator[Placed]":
    """The text that was given, or those of the file; the answers will be written into `outputs`.

    Raises:
        UsageError: neither or both were given (`example` says how one is), or an output is the file. What `texts_of`
            raises, when the first text is asked for.
    """
    from tandem.lab.texts import Placed, texts_of

    if (text is None) == (file is None):
        raise UsageError(f"give one of a text and --file, as in {example}")
    if file is None:
        if column is not None:
            raise UsageError(f"--text {column} names a column: say of which table with --file")
        return iter([Placed("the text", (text or "").strip())])
    keep(file, *outputs)
    return texts_of(file, column=column)


def keep(file: Path, *outputs: Path | None) -> None:
    """Sees to it that no output takes the place of the file that is read.

    Raises:
        UsageError: one would.
    """
    for path in filter(None, outputs):
        if path.resolve() == file.resolve():
            raise UsageError(f"{path}: is the file with the texts; write the answers into another one")


def say_written(*outputs: Path | None) -> None:
    """Names the files that were written."""
    for path in filter(None, outputs):
        typer.echo(f"written: {path}")
