"""What commands that ask about texts share: the text or file, and where answers are written."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.core.errors import UsageError, disk_errors

if TYPE_CHECKING:
    from tandem.lab.texts import Placed

NAMED = 5
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
        UsageError: neither or both were given (`example` says how one is), or an output is the file. DataError: the
            text is empty. What `texts_of` raises, when the first text is asked for.
    """
    from tandem.lab.framing import check_words
    from tandem.lab.texts import Placed, texts_of

    if (text is None) == (file is None):
        raise UsageError(f"give one of a text and --file, as in {example}")
    keep_apart(file, *outputs)
    if text is not None:
        if column is not None:
            raise UsageError(f"--text {column} names a column: say of which table with --file")
        check_words(text)
        return iter([Placed("the text", text.strip())])
    assert file is not None
    return texts_of(file, column=column, say=partial(typer.echo, err=True))


def keep_apart(file: Path | None, *outputs: Path | None) -> None:
    """Sees to it that every output is a file of its own, and takes no place of the file that is read.

    Raises:
        UsageError: one is no file, or two are the same.
    """
    taken = set[Path]()
    for path in filter(None, outputs):
        with disk_errors(path):
            if path.is_dir():
                raise UsageError(f"{path}: cannot be written, it is a folder; name a file")
        if file is not None and path.resolve() == file.resolve():
            raise UsageError(f"{path}: is the file with the texts; write the answers into another one")
        if path.resolve() in taken:
            raise UsageError(f"{path}: two outputs would be this file; give each a name of its own")
        taken.add(path.resolve())


def say_written(*outputs: Path | None) -> None:
    """Names the files that were written."""
    for path in filter(None, outputs):
        typer.echo(f"written: {path}")


def first_of(places: Sequence[str]) -> str:
    """The first few of the places that are to be named, and whether there are more."""
    return ", ".join(places[:NAMED]) + (", ..." if len(places) > NAMED else "")
