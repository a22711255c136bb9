"""The command that makes encoders equal."""

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import Overrides, app

if TYPE_CHECKING:
    from tandem.lab.match import Matched
    from tandem.lab.sizes import Sizes

HEADINGS = ("encoder", "width", "feed-forward", "embedding", "body", "head", "FLOPs/token", "state bytes")


@app.command()
def match(
    encoders: Annotated[list[str], typer.Argument(help='expressions, such as "lstm*2"', show_default=False)],
    to: Annotated[str, typer.Option(help="an expression, or a recipe whose settings all have", show_default=False)],
    equal: Annotated[str, typer.Option(help="parameters, flops, state_bytes, width or seconds")] = "parameters",
    width: Annotated[int | None, typer.Option(help="width of the one that stays", show_default=False)] = None,
    length: Annotated[int | None, typer.Option(help="tokens in a sequence", show_default=False)] = None,
    set_: Overrides = [],  # noqa: B006
) -> None:
    """Print the widths at which encoders cost the same as another one, which stays as it is."""
    from tandem.lab.match import SECONDS, TOLERANCE, recipes_of
    from tandem.lab.match import match as matched

    reference, *arms = recipes_of([to, *encoders], width=width, length=length, overrides=set_)
    if equal == SECONDS:
        typer.echo("measuring training steps on this machine")
    sizes, target, found = matched(arms, reference, equal=equal)
    before = [_cells(reference.encoder, sizes), *(_cells(one.recipe.encoder, one.before) for one in found)]
    after = [
        (*_cells(reference.encoder, sizes), _number(target)),
        *((*_cells(one.recipe.encoder, one.after), f"{_number(one.amount)} ({one.miss:+.1%})") for one in found),
    ]
    for title, lines in (("before", [HEADINGS, *before]), ("after", [(*HEADINGS, equal), *after])):
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        typer.echo(title)
        for first, *cells in lines:
            padded = (cell.rjust(size) for cell, size in zip(cells, widths[1:], strict=True))
            typer.echo("  ".join([first.ljust(widths[0]), *padded]))
        typer.echo()
    for one in found:
        if not one.holds:
            typer.echo(
                f"{one.recipe.encoder}: no width comes within {TOLERANCE:.0%}; the nearest is {one.after.width:,}, "
                f"which misses by {one.miss:+.1%}"
            )
    typer.echo("To train them, add to each command:")
    for one in found:
        typer.echo(f"  {_settings(one)}")


def _cells(encoder: str, sizes: "Sizes") -> tuple[str, ...]:
    counted = sizes.counted
    numbers = (
        sizes.width, sizes.feedforward, counted.embedding, counted.body, counted.head, round(sizes.flops),
        sizes.state_bytes,
    )  # fmt: skip
    return (encoder, *map(_number, numbers))


def _number(cell: int | float | None) -> str:
    if cell is None:
        return "-"
    return f"{cell:,.0f}" if cell >= 100 or cell == round(cell) else f"{cell:.2f}"


def _settings(one: "Matched") -> str:
    table = one.recipe.model
    words = ["--set", f"encoder={one.recipe.encoder}", "--set", f"model.width={table.width}"]
    words += ["--set", f"model.feedforward={table.feedforward}"] if table.feedforward else []
    return shlex.join(words)
