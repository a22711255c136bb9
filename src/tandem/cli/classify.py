"""The command that tells the class of a text."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import RunPath, app
from tandem.cli.texts import Lines, Text, TextColumn, TextFile, asked, first_of, say_written
from tandem.core.errors import DataError
from tandem.text.readable import readable

if TYPE_CHECKING:
    from tandem.lab.classify import Judged

SHOWN = 76


@app.command()
def classify(
    run: RunPath,
    text: Text = None,
    file: TextFile = None,
    column: TextColumn = None,
    csv: Annotated[Path | None, typer.Option(help="write a row for each text", show_default=False)] = None,
    jsonl: Lines = None,
) -> None:
    """Tell the class of a text, or of every text of a file, with probabilities."""
    from tandem.lab.classify import classify as judged_by
    from tandem.lab.classify import write_table, written_as_lines
    from tandem.lab.folder import open_run

    texts = asked(text, file, column, csv, jsonl, example='tandem classify RUN "A fine film."')
    opened = open_run(run)
    tally = _Tally()
    judged = tally.counting(judged_by(opened, texts))
    if file is None:
        judged = map(_show_classes, judged)
    elif csv is None and jsonl is None:
        judged = map(_show_line, judged)
    if jsonl is not None:
        judged = written_as_lines(jsonl, judged)
    if csv is not None:
        write_table(csv, judged, labels=opened.objective.labels)
    else:
        for _ in judged:
            pass
    if file is not None:
        tally.show()
    if tally.cut:
        length = opened.recipe.data.length
        typer.echo(f"longer than {length} tokens, their ends not read: {tally.cut:,} of {tally.texts:,}", err=True)
    say_written(csv, jsonl)


class _Tally:
    """Counts what passes."""

    def __init__(self) -> None:
        self.texts = self.cut = 0
        self.labels: Counter[str] = Counter()
        self.without: list[str] = []

    def counting(self, judged: "Iterator[Judged]") -> "Iterator[Judged]":
        """The same texts."""
        for one in judged:
            self.texts += 1
            self.cut += one.cut
            if one.best is None:
                self.without.append(one.place)
            else:
                self.labels[one.best[0]] += 1
            yield one

    def show(self) -> None:
        """How many there were, of which class, and which hold no word."""
        classes = ", ".join(f"{readable(label)} {count:,}" for label, count in self.labels.most_common())
        typer.echo(f"{self.texts:,} texts: {classes}" if classes else f"{self.texts:,} texts")
        if self.without:
            places = first_of(self.without)
            typer.echo(f"no word in {len(self.without):,} of them, which get no class: {places}", err=True)


def _show_classes(one: "Judged") -> "Judged":
    """A line for each class of a single text, the likeliest first."""
    if one.probabilities is None:
        raise DataError("there is no word in the text that the tokenizer reads")
    for probability, label in sorted(zip(one.probabilities, one.labels, strict=True), key=lambda pair: -pair[0]):
        typer.echo(f"{probability:8.4f}  {readable(label)}")
    return one


def _show_line(one: "Judged") -> "Judged":
    label, probability = one.best or ("-", None)
    shown = f"{'-':>6}" if probability is None else f"{probability:.4f}"
    typer.echo(f"{one.number:6}  {shown}  {readable(label)}  {readable(one.text, width=SHOWN)}")
    return one
