"""What commands that ask about pairs of texts share."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.texts import keep_apart, say_written
from tandem.core.errors import UsageError

if TYPE_CHECKING:
    from tandem.lab.pair_files import Record
    from tandem.lab.text_pairs import TextPair

PairFile = Annotated[
    Path | None,
    typer.Option("--file", help="lines of two texts with a tab between them, or a table", show_default=False),
]
PairColumns = Annotated[
    str | None, typer.Option("--columns", help="their columns in a table, as premise,hypothesis", show_default=False)
]
Table = Annotated[Path | None, typer.Option("--csv", help="write a row for each pair", show_default=False)]
Lines = Annotated[Path | None, typer.Option("--jsonl", help="write JSON, a line for each pair", show_default=False)]


def asked(
    first: str | None, second: str | None, file: Path | None, columns: str | None, *outputs: Path | None, example: str
) -> "Iterator[TextPair]":
    """The pair that was given, or those of the file; the answers will be written into `outputs`.

    Raises:
        UsageError: neither or both were given (`example` says how one is), or an output is the file. What `pairs_of`
            raises, when the first pair is asked for.
    """
    from tandem.lab.text_pairs import TextPair, checked, pairs_of

    if (file is None) == (first is None) or (second is None) != (first is None):
        raise UsageError(f"give two texts, or --file FILE, as in {example}")
    keep_apart(file, *outputs)
    if file is None:
        if columns is not None:
            raise UsageError(f"--columns {columns} names the columns of a table: say which with --file")
        return iter([checked(TextPair("the pair", first or "", second or ""))])
    names = tuple(name.strip() for name in columns.split(",")) if columns is not None else None
    if names is not None and len(names) != 2:
        raise UsageError(f"--columns {columns}: two names with a comma between them")
    return pairs_of(file, columns=names)


def write(records: "Sequence[Record]", *, csv: Path | None, jsonl: Path | None) -> None:
    """Writes what was said into the files that were asked for."""
    from tandem.lab.pair_files import write_pair_lines, write_pair_table

    if csv:
        write_pair_table(csv, records)
    if jsonl:
        write_pair_lines(jsonl, records)
    say_written(csv, jsonl)


def say_cut(cut: Sequence[bool]) -> None:
    """Says how many pairs were not read to their ends."""
    if any(cut):
        typer.echo(f"pairs that are longer than the model reads, their ends left out: {sum(cut):,}", err=True)
