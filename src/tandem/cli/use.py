"""Commands that ask a finished run."""

from typing import Annotated

import typer

from tandem.cli.app import Overrides, RunPath, app


@app.command("fill-mask")
def fill_mask(
    run: RunPath,
    text: Annotated[
        str, typer.Argument(help="a sentence with [MASK] where a word is to be guessed", show_default=False)
    ],
    top: Annotated[int, typer.Option(help="how many words for each mask", min=1)] = 5,
) -> None:
    """Print the likeliest words for every [MASK] of a sentence, with their probabilities."""
    from tandem.lab.fill_mask import fill_mask as guesses_for
    from tandem.lab.folder import open_run

    opened = open_run(run)
    found = guesses_for(opened.model, opened.objective.tokenizer, text, top=top)
    for number, guesses in enumerate(found, start=1):
        if len(found) > 1:
            typer.echo(f"mask {number}")
        for guess in guesses:
            typer.echo(f"{guess.probability:8.4f}  {guess.token}")


@app.command()
def evaluate(
    run: RunPath,
    split: Annotated[str, typer.Option(help="train, validation or test")] = "test",
    set_: Overrides = [],  # noqa: B006
) -> None:
    """Score a run on a split; the same number at every call."""
    from tandem.core.errors import unknown
    from tandem.lab.evaluate import evaluate_run
    from tandem.lab.folder import open_run
    from tandem.text.corpora.base import SPLITS

    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    opened = open_run(run, set_)
    scores = evaluate_run(opened, split=split, say=typer.echo)
    typer.echo(f"{split}: loss {scores.loss:.4f} {opened.objective.unit}, accuracy {100 * scores.accuracy:.2f} %")
    typer.echo(
        f"{scores.guess} baseline: loss {scores.baseline_loss:.4f}, accuracy {100 * scores.baseline_accuracy:.2f} %"
    )
    for name, value in scores.more.items():
        typer.echo(f"{name}: {value:.4f}")
    typer.echo(f"over {scores.count:,} predictions")
