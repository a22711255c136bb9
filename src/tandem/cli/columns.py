"""The options that say what the columns of a user's table hold."""

from typing import Annotated

import typer

Text = Annotated[str | None, typer.Option(help="your table's column of the text", show_default=False)]
Second = Annotated[str | None, typer.Option(help="its column of the second text of a pair", show_default=False)]
Label = Annotated[str | None, typer.Option(help="its column of the class", show_default=False)]
Score = Annotated[str | None, typer.Option(help="its column of a number", show_default=False)]
Tags = Annotated[str | None, typer.Option(help="its column of a tag for each word", show_default=False)]
Validation = Annotated[str | None, typer.Option(help="your file that validates", show_default=False)]
Test = Annotated[str | None, typer.Option(help="your file that tests", show_default=False)]


def columns_of(*values: str | None) -> dict[str, str]:
    """The options of the corpus `file` that are given, from the values of the options above in their order."""
    names = ("text", "second", "label", "score", "tags", "validation", "test")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}
