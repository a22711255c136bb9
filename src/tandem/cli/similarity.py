"""The command that says how alike two texts are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import app
from tandem.cli.pairs import Lines, PairColumns, PairFile, Table, answer, asked
from tandem.text.readable import readable

if TYPE_CHECKING:
    from tandem.lab.similarity import Likeness

SHOWN = 44
EXAMPLE = 'tandem similarity RUN "A man plays a guitar." "A man makes music."'


@app.command()
def similarity(
    run: Annotated[
        Path, typer.Argument(help="a run folder, or hf:NAME or hf:FOLDER of a pretrained BERT", show_default=False)
    ],
    first: Annotated[str | None, typer.Argument(help="a text", show_default=False)] = None,
    second: Annotated[str | None, typer.Argument(help="another one", show_default=False)] = None,
    file: PairFile = None,
    columns: PairColumns = None,
    csv: Table = None,
    jsonl: Lines = None,
) -> None:
    """Tell the cosine of the vectors of two texts, by any run, and the score of a run that has learnt to tell one."""
    from tandem.lab.origins import open_encoder
    from tandem.lab.similarity import compare

    pairs = asked(first, second, file, columns, csv, jsonl, example=EXAMPLE)
    show = _show if file is None else None if csv or jsonl else _show_line
    answer(compare(open_encoder(run), pairs, gaps=file is not None), show=show, csv=csv, jsonl=jsonl)


def _show(one: "Likeness") -> None:
    typer.echo(f"{one.cosine:8.4f}  cosine similarity")
    if one.score is not None:
        typer.echo(f"{one.score:8.4f}  score")


def _show_line(one: "Likeness") -> None:
    cosine = "-" if one.cosine is None else f"{one.cosine:+.3f}"
    score = "" if not one.scored else f"{'-':>8}" if one.score is None else f"{one.score:8.3f}"
    texts = "  ".join(readable(text, width=SHOWN) for text in (one.first, one.second))
    typer.echo(f"{cosine:>6}{score}  {texts}")
