"""The command that says whether a hypothesis follows from a premise."""

from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import RunPath, app
from tandem.cli.pairs import Lines, PairColumns, PairFile, Table, answer, asked
from tandem.text.readable import readable

if TYPE_CHECKING:
    from tandem.lab.nli import Inference

SHOWN = 40
EXAMPLE = 'tandem nli RUN "A man plays a guitar." "A man makes music."'


@app.command()
def nli(
    run: RunPath,
    premise: Annotated[str | None, typer.Argument(help="what is known", show_default=False)] = None,
    hypothesis: Annotated[str | None, typer.Argument(help="what may follow from it", show_default=False)] = None,
    file: PairFile = None,
    columns: PairColumns = None,
    csv: Table = None,
    jsonl: Lines = None,
) -> None:
    """Tell entailment, neutral or contradiction, with probabilities, and how alike the two sentences are."""
    from tandem.lab.folder import open_run
    from tandem.lab.nli import infer

    pairs = asked(premise, hypothesis, file, columns, csv, jsonl, example=EXAMPLE)
    show = _show if file is None else None if csv or jsonl else _show_line
    answer(infer(open_run(run), pairs, gaps=file is not None), show=show, csv=csv, jsonl=jsonl)


def _show(one: "Inference") -> None:
    """A line for each class, the likeliest first, and the cosine."""
    assert one.probabilities is not None
    for probability, label in sorted(zip(one.probabilities, one.labels, strict=True), key=lambda pair: -pair[0]):
        typer.echo(f"{probability:8.4f}  {readable(label)}")
    typer.echo(f"{one.cosine:8.4f}  cosine similarity of the two sentences")


def _show_line(one: "Inference") -> None:
    label, probability = ("-", "-") if one.best is None else (one.best[0], f"{one.best[1]:.4f}")
    cosine = "-" if one.cosine is None else f"{one.cosine:+.3f}"
    texts = "  ".join(readable(text, width=SHOWN) for text in (one.premise, one.hypothesis))
    typer.echo(f"{probability:>6}  {readable(label):<13}  {cosine:>6}  {texts}")
