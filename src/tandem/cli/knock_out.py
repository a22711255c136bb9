"""The command that takes a finished model's mechanisms away, one at a time."""

from typing import Annotated

import typer

from tandem.cli.app import Mirror, Overrides, RunPath, app
from tandem.core.errors import unknown
from tandem.text.splits import SPLITS


@app.command("knock-out")
def knock_out(
    run: RunPath,
    split: Annotated[str, typer.Option(help="train, validation or test")] = "test",
    set_: Overrides = [],  # noqa: B006
    mirror: Mirror = None,  # noqa: ARG001
) -> None:
    """Print what each mixer of a trained model gives to its score, alone and with the other."""
    from tandem.lab.folder import open_run
    from tandem.lab.shares import knock_outs, shares

    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    opened = open_run(run, set_)
    store = opened.store(say=typer.echo)
    found = knock_outs(opened, store, split=split)
    lines = [
        (f"without {' and '.join(one.dropped)}" if one.dropped else "as trained", one.scores.loss, one.scores.accuracy)
        for one in found
    ]
    baseline = found[0].scores
    lines.append((f"{baseline.guess} baseline", baseline.baseline_loss, baseline.baseline_accuracy))
    _show(f"{split} split", "loss", lines)
    if parts := shares(found):
        typer.echo()
        _show("share of what both bring", "loss lowered", [(part.of, part.loss, part.accuracy) for part in parts])
    typer.echo(f"\nloss: {opened.objective.unit}; nothing was trained again, so what is left meets inputs new to it")


def _show(title: str, of: str, lines: list[tuple[str, float, float]]) -> None:
    width = max(len(title), *(len(name) for name, _, _ in lines))
    typer.echo(f"{title:<{width}}  {of:>12}  {'accuracy':>10}")
    for name, loss, accuracy in lines:
        typer.echo(f"{name:<{width}}  {loss:12.4f}  {100 * accuracy:8.2f} %")
