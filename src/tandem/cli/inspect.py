"""Commands that look at a recipe or an expression without training it."""

from typing import Annotated

import typer

from tandem.cli.app import Overrides, RecipePath, app


@app.command()
def describe(
    encoder: Annotated[
        str, typer.Argument(help='an expression, such as "attention*4 | lstm*2", or a recipe', show_default=False)
    ],
    width: Annotated[int | None, typer.Option(help="width of the hidden states", show_default=False)] = None,
    vocabulary: Annotated[int | None, typer.Option(help="number of token ids", show_default=False)] = None,
    length: Annotated[int | None, typer.Option(help="tokens in a sequence", show_default=False)] = None,
) -> None:
    """Print the tree of an encoder with parameters, operations and bytes of state."""
    from tandem.lab.describe import describe as lines_for

    for line in lines_for(encoder, width=width, vocabulary=vocabulary, length=length):
        typer.echo(line)


@app.command()
def check(recipe: RecipePath, set_: Overrides = []) -> None:  # noqa: B006
    """Say whether a recipe can run, without running it."""
    from tandem.core.config import read_recipe
    from tandem.lab.assemble import check as build
    from tandem.nn.cost import parameters

    loaded = read_recipe(recipe, set_)
    counted = parameters(build(loaded))
    typer.echo(f"{recipe}: fine; {loaded.encoder}, {counted.total:,} parameters")
