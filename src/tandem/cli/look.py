"""Commands that look inside a model."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import Out, RunPath, app

if TYPE_CHECKING:
    from tandem.lab.gradient_flow import Flow

SHOWN_DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)


@app.command()
def look(
    run: RunPath,
    sentence: Annotated[str, typer.Argument(help="a sentence; [MASK] in it is the mask", show_default=False)],
    out: Out = None,
) -> None:
    """Draw what a model attends to, and which tokens move which outputs."""
    from tandem.lab.figures import NOT_DRAWN, drawable
    from tandem.lab.folder import open_run
    from tandem.lab.framing import check_words
    from tandem.lab.look import look as looked
    from tandem.lab.look import strongest
    from tandem.lab.pictures import draw_look, file_name, label

    check_words(sentence)
    opened = open_run(run)
    found = looked(opened.model, opened.objective, sentence)
    labels = [label(token) for token in found.tokens]
    width = max(map(len, labels))
    typer.echo("Each token, and the others whose erasure moves its output most (as a share of the output's length):\n")
    for number, name in enumerate(labels):
        others = "   ".join(f"{labels[other]} {value:.3f}" for other, value in strongest(found, number))
        typer.echo(f"{number + 1:4}  {name:<{width}}  {others}".rstrip())
    if not found.attention:
        typer.echo("\nThis encoder has no attention layer: the influence map is its picture.")
    if not drawable():
        typer.echo(f"\nFigures: {NOT_DRAWN}")
        return
    folder = out or run / "figures" / "look" / file_name(sentence)
    written = draw_look(folder, found, expression=opened.recipe.encoder)
    typer.echo(f"\nFigures: {', '.join(path.name for path in written)} in {folder}")


@app.command("gradient-flow")
def gradient_flow(
    encoders: Annotated[
        list[str],
        typer.Argument(help="expressions, such as rnn lstm gru attention, or run folders", show_default=False),
    ],
    width: Annotated[int, typer.Option(help="width of new encoders", min=1)] = 64,
    length: Annotated[int, typer.Option(help="tokens in a sequence", min=2)] = 64,
    samples: Annotated[int, typer.Option(help="so many new encoders, or texts of a run", min=1)] = 3,
    out: Out = None,
) -> None:
    """Measure how far gradients flow back through an encoder, new or trained."""
    from tandem.lab.figures import NOT_DRAWN, drawable
    from tandem.lab.folder import RunFolder, open_run
    from tandem.lab.gradient_flow import flow_of_fresh, flow_of_run
    from tandem.lab.pictures import draw_flows
    from tandem.lab.scoring.tables import write_csv

    flows: list[Flow] = []
    for name in encoders:
        if os.sep in name or RunFolder(Path(name)).config.is_file():
            flows.append(flow_of_run(open_run(Path(name)), length=length, samples=samples, say=typer.echo))
        else:
            flows.append(flow_of_fresh(name, width=width, length=length, samples=samples))
    _show_flows(flows)
    if out is None:
        typer.echo("\nNot drawn; --out FOLDER writes the figure and all numbers")
        return
    rows = [row for flow in flows for row in _flow_rows(flow)]
    write_csv(out / "gradient-flow.csv", ("encoder", "distance", "norm", "lowest", "highest"), rows)
    written = [path.name for path in draw_flows(out, flows)] if drawable() else []
    typer.echo(f"\nFigure: {', '.join(written) or NOT_DRAWN}")
    typer.echo(f"Table: {out / 'gradient-flow.csv'}")


def _show_flows(flows: "Sequence[Flow]") -> None:
    longest = max(flow.distances[-1] for flow in flows)
    distances = [distance for distance in SHOWN_DISTANCES if distance < longest] + [longest]
    width = max(len(flow.name) for flow in flows)
    typer.echo(
        "Norm of d output_t / d input_s at t - s tokens, and the factor per token from 1 to the longest distance:"
    )
    typer.echo(f"\n{'encoder':<{width}}" + "".join(f"{distance:>10}" for distance in distances) + f"{'factor':>9}")
    for flow in flows:
        values = (flow.at(distance) for distance in distances)
        cells = "".join(f"{'-':>10}" if value is None else f"{value:10.2e}" for value in values)
        typer.echo(f"{flow.name:<{width}}{cells}" + (f"{'-':>9}" if flow.factor is None else f"{flow.factor:9.3f}"))


def _flow_rows(flow: "Flow") -> list[tuple[str, int, float, float, float]]:
    return [
        (flow.name, *numbers) for numbers in zip(flow.distances, flow.norms, flow.lowest, flow.highest, strict=True)
    ]
