"""The command that tags the words of a text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import RunPath, app
from tandem.cli.texts import Lines, Text, TextColumn, TextFile, asked, say_written
from tandem.text.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem.lab.tag import TaggedText


@app.command()
def tag(
    run: RunPath,
    text: Text = None,
    file: TextFile = None,
    column: TextColumn = None,
    csv: Annotated[Path | None, typer.Option(help="write a row for each word", show_default=False)] = None,
    jsonl: Lines = None,
) -> None:
    """Give every word of a text, or of every text of a file, its tag, and show the names that the tags mark."""
    from tandem.lab.folder import open_run
    from tandem.lab.tag import tag as tagged
    from tandem.lab.tag_files import write_table, written_as_lines

    texts = asked(text, file, column, csv, jsonl, example='tandem tag RUN "We may meet in May."')
    opened = open_run(run)
    length = opened.recipe.data.length
    found = (tagged(opened.model, opened.objective, one.text, length=length) for one in texts)
    tally = _Tally()
    shown: Iterator[TaggedText] = map(tally.add, found)
    if file is None:
        shown = map(_show_words, shown)
    elif csv is None and jsonl is None:
        shown = map(_show_line, shown)
    if jsonl is not None:
        shown = written_as_lines(jsonl, shown)
    if csv is not None:
        write_table(csv, shown)
    else:
        for _ in shown:
            pass
    if csv is not None or jsonl is not None:
        typer.echo(f"{tally.texts:,} texts, {tally.words:,} words")
    if tally.long:
        typer.echo(f"longer than {length} tokens, read in pieces: {tally.long:,} of {tally.texts:,} texts", err=True)
    say_written(csv, jsonl)


class _Tally:
    """Counts what passes."""

    def __init__(self) -> None:
        self.texts = self.words = self.long = 0

    def add(self, text: "TaggedText") -> "TaggedText":
        """The same text."""
        self.texts += 1
        self.words += len(text.words)
        self.long += text.pieces > 1
        return text


def _show_words(text: "TaggedText") -> "TaggedText":
    """A line for each word, and below a line for each name."""
    width = max(len(word.tag or "-") for word in text.words)
    for word in text.words:
        probability = f"{'-':>6}" if word.probability is None else f"{word.probability:6.3f}"
        typer.echo(f"{word.tag or '-':<{width}}  {probability}  {readable(word.text)}")
    if text.entities is not None:
        typer.echo("" if text.entities else "\nno names")
    for entity in text.entities or []:
        characters = f"characters {entity.start}-{entity.end}"
        typer.echo(f"{entity.type}  {entity.probability:6.3f}  {readable(entity.text)}  ({characters})")
    return text


def _show_line(text: "TaggedText") -> "TaggedText":
    """The words with their tags on one line; an empty one for a text without words."""
    typer.echo(" ".join(f"{readable(word.text)}/{word.tag or '-'}" for word in text.words))
    return text
