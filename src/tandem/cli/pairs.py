"""What commands that ask about pairs of texts share."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tandem.cli.texts import first_of, keep_apart, say_written
from tandem.core.errors import DataError, UsageError

if TYPE_CHECKING:
    from tandem.lab.nli import Inference
    from tandem.lab.pair_files import Record
    from tandem.lab.similarity import Likeness
    from tandem.lab.text_pairs import TextPair

Said = TypeVar("Said", "Inference", "Likeness")
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
    if names is not None and names[0] == names[1]:
        raise UsageError(f"--columns {columns}: the same column twice; name another one for the second text")
    return pairs_of(file, columns=names, say=partial(typer.echo, err=True))


def answer(
    answers: "Iterable[Said]", *, show: "Callable[[Said], None] | None", csv: Path | None, jsonl: Path | None
) -> None:
    """Shows answers and writes them into the files that were asked for while they come.

    At the end it says how many were cut, and which pairs got none.

    Raises:
        DataError: no pair got one. What the files raise.
    """
    from tandem.lab.pair_files import write_pair_table, written_as_lines

    num_cut, silent = 0, list[str]()

    def shown() -> "Iterator[Record]":
        nonlocal num_cut
        number = 0
        for number, one in enumerate(answers, start=1):
            num_cut += one.cut
            if one.cosine is None:
                silent.append(one.place)
            if show is not None:
                show(one)
            yield {"row": number, **one.record(), "cut": one.cut}
        if silent and len(silent) == number:
            raise DataError(f"{silent[0]}: no word in a text of this pair, nor in any other")

    records = shown() if jsonl is None else written_as_lines(jsonl, shown())
    if csv is None:
        for _ in records:
            pass
    else:
        write_pair_table(csv, records)
    say_written(csv, jsonl)
    if silent:
        places = first_of(silent)
        typer.echo(f"pairs without an answer, since a text of them holds no word: {len(silent):,} ({places})", err=True)
    if num_cut:
        typer.echo(f"pairs that are longer than the model reads, their ends left out: {num_cut:,}", err=True)
