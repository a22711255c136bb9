"""The command that translates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import RunPath, app
from tandem.cli.texts import Text, TextColumn, TextFile, asked
from tandem.core.errors import UsageError

if TYPE_CHECKING:
    from tandem.lab.folder import OpenRun
    from tandem.lab.texts import Placed
    from tandem.lab.translate import Translation
    from tandem.nn.search import Beam


@app.command()
def translate(
    run: RunPath,
    text: Text = None,
    file: TextFile = None,
    column: TextColumn = None,
    beam: Annotated[int, typer.Option(help="so many texts are kept at each step; 1 is greedy search")] = 5,
    length_penalty: Annotated[float, typer.Option(help="0 prefers short translations, 1 longer ones")] = 0.6,
    out: Annotated[Path | None, typer.Option(help="write the translations, a line each", show_default=False)] = None,
    attention: Annotated[
        Path | None,
        typer.Option(help="draw what each token of the translation was told from (PNG and SVG)", show_default=False),
    ] = None,
) -> None:
    """Translate a text, or every text of a file."""
    from tandem.core.files import write_atomic
    from tandem.lab.folder import open_run
    from tandem.lab.translate import translate as translated
    from tandem.nn.search import Beam

    texts = asked(text, file, column, out, example='tandem translate RUN "A man sleeps."')
    if attention is not None and file is not None:
        raise UsageError("--attention draws a single text; give that in place of --file")
    search = Beam(size=beam, penalty=length_penalty)
    opened = open_run(run)
    placed = [one if file is None else one._replace(place=f"{file}, {one.place}") for one in texts]
    if attention is not None:
        found = [_drawn(opened, placed[0].text, search, attention)]
    else:
        found = translated(opened.model, opened.objective, placed, beam=search)
    for place, one in zip(placed, found, strict=True):
        _remark(place, one)
    if out is None:
        for one in found:
            typer.echo(one.translation)
    else:
        write_atomic(out, "".join(f"{' '.join(one.translation.split())}\n" for one in found))
        typer.echo(f"written: {out} ({len(found):,} translations)")


def _drawn(run: "OpenRun", text: str, beam: "Beam", path: Path) -> "Translation":
    from tandem.lab.figures import NOT_DRAWN, drawable
    from tandem.lab.pictures import draw_alignment
    from tandem.lab.translate import align

    if not drawable():
        raise UsageError(f"--attention {path}: {NOT_DRAWN}")
    translation, aligned = align(run.model, run.objective, text, beam=beam)
    files = draw_alignment(path.with_suffix(""), aligned, expression=run.recipe.encoder)
    typer.echo(f"Figures: {', '.join(map(str, files))}", err=True)
    return translation


def _remark(placed: "Placed", one: "Translation") -> None:
    """What a person should know about a translation, on the second channel."""
    if one.unknown:
        typer.echo(f"{placed.place}: {one.unknown} of {one.tokens} tokens are unknown to the tokenizer", err=True)
    if not one.ended:
        typer.echo(f"{placed.place}: the translation was cut off, the model found no end", err=True)
