"""Commands that ask a finished run."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import Mirror, Overrides, RunPath, app

if TYPE_CHECKING:
    from tandem.lab.folder import OpenRun
    from tandem.lab.predictions import Predictions


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
    from tandem.lab.framing import check_words
    from tandem.text.readable import unobeyed

    check_words(text)
    opened = open_run(run)
    found = guesses_for(opened.model, opened.objective, text, top=top)
    for number, guesses in enumerate(found, start=1):
        if len(found) > 1:
            typer.echo(f"mask {number}")
        for guess in guesses:
            typer.echo(f"{guess.probability:8.4f}  {unobeyed(guess.token)}")


@app.command()
def generate(
    run: RunPath,
    prompt: Annotated[str, typer.Argument(help="how the text begins")] = "",
    tokens: Annotated[int, typer.Option(help="how many tokens at most")] = 100,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest token, 1 draws as the model says")] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="draw among so many of the likeliest", show_default=False)] = None,
    top_p: Annotated[
        float | None, typer.Option(help="draw among the fewest that have this probability", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="another seed draws another text")] = 0,
    stop: Annotated[str | None, typer.Option(help="end in front of this text", show_default=False)] = None,
    cached: Annotated[bool, typer.Option(help="go on from the model's state, or read everything again")] = True,
) -> None:
    """Continue a text, token by token."""
    from tandem.lab.folder import open_run
    from tandem.lab.generate import Sampling
    from tandem.lab.generate import generate as pieces_of

    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    pieces = pieces_of(open_run(run), prompt, tokens=tokens, sampling=sampling, stop=stop, cached=cached)
    typer.echo(prompt, nl=False)
    for piece in pieces:
        typer.echo(piece, nl=False)
        sys.stdout.flush()
    typer.echo()


@app.command()
def evaluate(
    run: RunPath,
    split: Annotated[str, typer.Option(help="train, validation or test")] = "test",
    without: Annotated[list[str], typer.Option(help="mixers that do nothing, such as lstm; repeatable")] = [],  # noqa: B006
    set_: Overrides = [],  # noqa: B006
    mirror: Mirror = None,  # noqa: ARG001
) -> None:
    """Score a run on a split; the same number at every call."""
    from tandem.core.errors import unknown
    from tandem.lab.folder import open_run
    from tandem.nn.knock_out import without as knocked_out
    from tandem.text.splits import SPLITS

    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    opened = open_run(run, set_)
    with knocked_out(opened.model.encoder, without):
        _show_scores(opened, split)


def _show_scores(opened: "OpenRun", split: str) -> None:
    from tandem.core.errors import UsageError
    from tandem.lab.class_report import class_report
    from tandem.lab.evaluate import answered
    from tandem.lab.reading import source_of

    store = opened.store(say=typer.echo)
    found = answered(opened.model, opened.objective, store, opened.recipe, split=split)
    scores, predictions = found.scores, found.predictions
    typer.echo(
        f"{split}: loss {scores.loss:.4f} {opened.objective.unit}, {scores.accuracy_name} {100 * scores.accuracy:.2f} %"
    )
    typer.echo(
        f"{scores.guess} baseline: loss {scores.baseline_loss:.4f}, "
        f"{scores.accuracy_name} {100 * scores.baseline_accuracy:.2f} %"
    )
    for name, value in scores.more.items():
        typer.echo(f"{name}: {value:.4f}")
    typer.echo(f"over {scores.count:,} predictions")
    for note in source_of(opened.objective, store, split, opened.recipe).notes():
        typer.echo(note)
    if opened.objective.asks == "translation":
        _show_translations(opened, split)
    if predictions is not None and opened.objective.labels:
        try:
            report = class_report(predictions, labels=opened.objective.labels, split=split)
        except UsageError as error:
            typer.echo(str(error))
        else:
            typer.echo("\n".join(filter(None, ("", report.text, report.note))))
    if predictions is not None and opened.objective.asks == "tags":
        _show_tagging(opened, predictions, split)


def _show_translations(run: "OpenRun", split: str) -> None:
    """How near the translations of a split come to the references, and twenty of them to read."""
    from tandem.core.errors import UsageError
    from tandem.lab.translation_report import translation_report
    from tandem.nn.search import Beam

    try:
        report = translation_report(run, split=split, beam=Beam(), say=lambda text: typer.echo(text, err=True))
    except UsageError as error:
        typer.echo(str(error))
        return
    typer.echo("\n".join(["", *report.lines()]))
    for pair in report.samples:
        typer.echo(f"\n  text         {pair.translation.text}\n  reference    {pair.reference}")
        typer.echo(f"  translation  {pair.translation.translation}")
    path = run.folder.path / f"translations-{split}.csv"
    report.write(path)
    typer.echo(f"\nAll translations: {path}")


def _show_tagging(run: "OpenRun", predictions: "Predictions", split: str) -> None:
    """What the most frequent tag of each word gets right, and how many names were found."""
    from tandem.lab.tag_report import entity_scores, entity_table, frequent_tag
    from tandem.metrics.spans import marks_spans

    if (peer := frequent_tag(run, split=split)) is not None:
        typer.echo(f"\n{peer.name} baseline: accuracy {100 * peer.accuracy:.2f} % ({peer.meaning})")
    if marks_spans(run.objective.labels):
        typer.echo(f"\n{entity_table(entity_scores(predictions))}")
