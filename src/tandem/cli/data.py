"""Commands that look at data before anything is trained on it."""

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.app import Mirror, Overrides, app, console, suggest
from tandem.cli.columns import Label, Score, Second, Tags, Test, Text, Validation, columns_of

data = typer.Typer(
    name="data",
    help="Which text there is, what is in it, and what is wrong with it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(data)

Source = Annotated[
    str,
    typer.Argument(
        metavar="CORPUS", show_default=False,
        help="a name of `tandem data list`, a file or folder of your own, or a recipe",
    ),
]  # fmt: skip


@data.command("list")
def list_(mirror: Mirror = None) -> None:  # noqa: ARG001
    """List all corpora, and where each would come from now."""
    from rich.table import Table
    from rich.text import Text as Plain

    from tandem.lab.corpora import listed

    table = Table("corpus", "kind", box=None, pad_edge=False, header_style="bold")
    table.add_column("rows", justify="right")
    table.add_column("from")
    table.add_column("licence")
    for corpus in listed():
        rows = f"{corpus.rows:,}" if corpus.rows else "-"
        table.add_row(*map(Plain, (corpus.name, corpus.kind, rows, corpus.place, corpus.licence)))
    terminal = console()
    terminal.print(table)
    suggest(terminal, "tandem data show sotu")


@data.command()
def show(
    source: Source, text: Text = None, second: Second = None, label: Label = None, score: Score = None,
    tags: Tags = None, validation: Validation = None, test: Test = None,
    set_: Overrides = [], mirror: Mirror = None,  # noqa: ARG001, B006
) -> None:  # fmt: skip
    """Show splits, classes, lengths and examples of a corpus."""
    from tandem.cli.data_tables import show_overview
    from tandem.lab.corpora import open_corpus, recipe_for
    from tandem.lab.overview import overview

    columns = columns_of(text, second, label, score, tags, validation, test)
    opened = open_corpus(recipe_for(source, overrides=set_, columns=columns))
    with _busy(opened.name) as say:
        found = overview(opened, say=say)
    terminal = console()
    show_overview(terminal, found)
    suggest(terminal, shlex.join(["tandem", "data", "check", *sys.argv[3:]]))


@data.command()
def check(
    source: Source, text: Text = None, second: Second = None, label: Label = None, score: Score = None,
    tags: Tags = None, validation: Validation = None, test: Test = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="a run or a tokenizer.json: count what it does not know", show_default=False)
    ] = None,
    rows: Annotated[int, typer.Option(help="look at so many rows of each split at most", min=1)] = 500_000,
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False,
    set_: Overrides = [], mirror: Mirror = None,  # noqa: ARG001, B006
) -> None:  # fmt: skip
    """Find copies, gaps, damage and leaks; score baselines."""
    from tandem.cli.data_tables import show_checked
    from tandem.lab.corpora import open_corpus, recipe_for
    from tandem.lab.data_checks.checked import check as look
    from tandem.lab.data_checks.vocabulary import open_tokenizer

    columns = columns_of(text, second, label, score, tags, validation, test)
    opened = open_corpus(recipe_for(source, overrides=set_, columns=columns))
    reader = None if tokenizer is None else open_tokenizer(tokenizer)
    with _busy(opened.name) as say:
        found = look(opened, tokenizer=reader, most=rows, say=say)
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    else:
        show_checked(console(), found)


@data.command()
def prepare(
    source: Source, text: Text = None, second: Second = None, label: Label = None, score: Score = None,
    tags: Tags = None, validation: Validation = None, test: Test = None,
    tokenizer_kind: Annotated[str | None, typer.Option(help="such as words or bpe", show_default=False)] = None,
    tokenizer_size: Annotated[int | None, typer.Option(help="how many ids it may have", show_default=False)] = None,
    set_: Overrides = [], mirror: Mirror = None,  # noqa: ARG001, B006
) -> None:  # fmt: skip
    """Train a tokenizer and write the tokens, ready to train on."""
    from tandem.cli.data_tables import Progress, show_store
    from tandem.lab.assemble import prepared
    from tandem.lab.corpora import recipe_for

    sizes = {"tokenizer.kind": tokenizer_kind, "tokenizer.size": tokenizer_size}
    overrides = [*set_, *(f"{key}={value}" for key, value in sizes.items() if value is not None)]
    recipe = recipe_for(
        source, overrides=overrides, columns=columns_of(text, second, label, score, tags, validation, test)
    )
    terminal = console()
    began = time.monotonic()
    with Progress(terminal) as progress:
        store = prepared(recipe, say=progress.say, progress=progress.advance)
    show_store(terminal, store, seconds=time.monotonic() - began if progress.said else None)


@contextmanager
def _busy(name: str) -> Iterator[Callable[[str], None]]:
    """Says on the terminal what is being done, while it is done; standard output stays free."""
    from rich.console import Console
    from rich.text import Text as Plain

    with Console(stderr=True).status(Plain(name)) as status:
        yield lambda what: status.update(Plain(f"{name}: {what}"))
