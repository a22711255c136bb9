"""The command that gives a text and its tokens their vectors."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import app
from tandem.cli.texts import first_of, keep_apart
from tandem.text.readable import readable

if TYPE_CHECKING:
    from tandem.lab.embed import Embedded

UNITS_SHOWN, TOKEN_WIDTH = 6, 16
MIXES = ("uniform",)


@app.command()
def embed(
    run: Annotated[
        Path, typer.Argument(help="a run folder, or hf:NAME or hf:FOLDER of a pretrained BERT", show_default=False)
    ],
    text: Annotated[str | None, typer.Argument(help="the text", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option(help="a file with one text a line", show_default=False)] = None,
    layer: Annotated[
        int | None, typer.Option(help="0 for the embedding, 1 for the first layer; else the last", show_default=False)
    ] = None,
    mix: Annotated[
        str | None, typer.Option(help="uniform: the mean of all layers in place of one", show_default=False)
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write tokens and vectors as JSON", show_default=False)] = None,
    csv: Annotated[Path | None, typer.Option(help="write a line for each token", show_default=False)] = None,
    npy: Annotated[
        Path | None, typer.Option(help="write the vectors as a NumPy array (tokens, width)", show_default=False)
    ] = None,
    pooled: Annotated[
        Path | None,
        typer.Option(help="write one vector for each text, as the head pools it, as a NumPy array", show_default=False),
    ] = None,
) -> None:
    """Give a text and each of its tokens a vector in context, from any run or a pretrained BERT."""
    from tandem.core.errors import DataError, UsageError, unknown
    from tandem.lab.embed import embed as embedded
    from tandem.lab.embed import layer_name, num_layers
    from tandem.lab.origins import open_encoder
    from tandem.lab.text_vectors import pooling_of, room_for_text
    from tandem.lab.texts import lines_of
    from tandem.lab.vectors import write_csv, write_json, write_npy, write_pooled_npy

    keep_apart(file, json, csv, npy, pooled)
    texts = [text] if text is not None else lines_of(file) if file is not None else []
    if not texts or (text is not None and file is not None):
        raise UsageError('give one of a text and --file, as in tandem embed RUN "We may meet in May."')
    if mix is not None and mix not in MIXES:
        raise unknown("mix", mix, MIXES, "--mix")
    if mix is not None and layer is not None:
        raise UsageError(f"--layer {layer} and --mix {mix}: give one of them")
    opened = open_encoder(run)
    chosen = None if mix else num_layers(opened) - 1 if layer is None else layer
    name = layer_name(opened, chosen)
    found = [embedded(opened, one, layer=chosen) for one in texts]
    num_tokens, width = sum(len(one.tokens) for one in found), opened.model.encoder.width
    if not num_tokens:
        raise DataError("there is no word in the text that the tokenizer reads")
    typer.echo(f"{name}, {num_layers(opened)} in all: {num_tokens:,} tokens, each with {width} numbers")
    if json:
        write_json(json, found, run=str(run), layer=name)
    if csv:
        write_csv(csv, found)
    if npy:
        write_npy(npy, found)
    if pooled:
        write_pooled_npy(pooled, found)
    written = list(filter(None, (json, csv, npy, pooled)))
    for path in written:
        typer.echo(f"written: {path}")
    if not written:
        for one in found:
            _show(one, pooling_of(opened.model).kind)
    if silent := [f"line {number:,}" for number, one in enumerate(found, start=1) if not len(one.tokens)]:
        typer.echo(f"texts without a word, whose own vector is zero: {len(silent):,} ({first_of(silent)})", err=True)
    if num_cut := sum(one.cut for one in found):
        room = room_for_text(opened.model, opened.objective)
        typer.echo(f"texts whose own vector is that of their first {room:,} tokens: {num_cut:,}", err=True)


def _show(text: "Embedded", pooling: str) -> None:
    """A line for each token and one for all: the characters, the length of the vector, and where that begins."""
    import numpy as np

    typer.echo(f"\n{'characters':>11}  {'token':<{TOKEN_WIDTH}} {'norm':>8}  vector")
    lines = [
        *zip(text.tokens, text.spans, text.vectors, strict=True),
        (f"({pooling})", (0, len(text.text)), text.pooled),
    ]
    for token, (start, end), vector in lines:
        numbers = " ".join(f"{unit:+.3f}" for unit in vector[:UNITS_SHOWN])
        more = " …" if len(vector) > UNITS_SHOWN else ""
        norm = float(np.linalg.norm(vector))
        typer.echo(
            f"{start:>5}-{end:<5}  {readable(token, width=TOKEN_WIDTH):<{TOKEN_WIDTH}} {norm:8.3f}  {numbers}{more}"
        )
