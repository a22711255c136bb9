"""The command that says how probable a model finds a text."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.app import RunPath, app
from tandem.cli.texts import keep_apart
from tandem.core.errors import TandemError, UsageError
from tandem.text.readable import readable

if TYPE_CHECKING:
    from tandem.lab.folder import OpenRun
    from tandem.lab.scoring.minimal_pairs import Paradigm
    from tandem.lab.scoring.scored import Scored, Tally
    from tandem.lab.scoring.scorer import Scorer

MEASURES = "exact (causal models); pll-l2r, pll or left-to-right (masked models)"
SHOWN = 76


@app.command()
def score(
    run: RunPath,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|TEXT", help="a text, a file with a text on each line, or minimal pairs", show_default=False
        ),
    ],
    measure: Annotated[str | None, typer.Option(help=MEASURES, show_default=False)] = None,
    csv: Annotated[
        Path | None, typer.Option(help="write all tokens, words and texts into this file", show_default=False)
    ] = None,
    top: Annotated[int, typer.Option(help="show so many of the likeliest tokens at each place of a text", min=0)] = 0,
    minimal_pairs: Annotated[
        bool, typer.Option("--minimal-pairs", help="FILE is a table of good and bad sentences, or a corpus: blimp")
    ] = False,
    pairs: Annotated[
        int | None, typer.Option(help="judge the first so many pairs of each paradigm", min=1, show_default=False)
    ] = None,
) -> None:
    """Print log-probabilities of texts, words and tokens, in nats."""
    from tandem.lab.folder import open_run
    from tandem.lab.scoring.scorer import Scorer

    if pairs is not None and not minimal_pairs:
        raise UsageError(f"--pairs {pairs} goes with --minimal-pairs")
    if top and minimal_pairs:
        raise UsageError(f"--top {top} shows tokens of texts; minimal pairs are judged as wholes")
    keep_apart(Path(source), csv)
    opened = open_run(run)
    scorer = Scorer(opened.model, opened.objective, measure=measure, top=top)
    if minimal_pairs:
        _minimal_pairs(opened, scorer, source, csv, pairs)
    else:
        _texts(scorer, source, csv)


def _texts(scorer: "Scorer", source: str, csv: Path | None) -> None:
    from tandem.lab.framing import check_words
    from tandem.lab.scoring.lines import file_of, scored_lines
    from tandem.lab.scoring.scored import Tally
    from tandem.lab.scoring.tables import COLUMNS, rows, write_csv

    check_words(source)
    path = file_of(source)
    texts = [source] if path is None else scored_lines(path)
    where = (lambda _: "the text") if path is None else (lambda number: f"{path}, line {number}")
    tally = Tally()
    shown = _shown(scorer.score(texts, where=where), tally, _show_words if path is None else _show_line)
    if csv is None:
        for _ in shown:
            pass
    else:
        write_csv(csv, COLUMNS, rows(shown))
    _show_sum(scorer.measure, tally)
    if csv is not None:
        typer.echo(f"Table: {csv}")


def _shown(texts: "Iterator[Scored]", tally: "Tally", show: "Callable[[Scored], None]") -> "Iterator[Scored]":
    """The same texts, each shown and counted on its way."""
    for text in texts:
        show(text)
        tally.add(text)
        yield text


def _show_words(text: "Scored") -> None:
    """A line for each word; where it has several tokens, or others would be likelier, a line for each token too."""
    for word in text.words:
        told = any(text.log_probability[number] is not None for number in word.tokens)
        number = f"{word.log_probability:10.4f}" if told else f"{'-':>10}"
        typer.echo(f"{number}  {_readable(text.text[slice(*word.span)])}")
        if len(word.tokens) > 1 or any(text.likeliest):
            for token in word.tokens:
                _show_token(text, token)
    if not text.words:
        for token in range(len(text.tokens)):
            _show_token(text, token)


def _show_token(text: "Scored", number: int) -> None:
    from tandem.display import guesses_line

    value = text.log_probability[number]
    shown = f"{'-':>12}" if value is None else f"{value:12.4f}"
    guesses = guesses_line(list(text.likeliest[number]))
    typer.echo(f"{shown}    {_readable(text.tokens[number])}{f'   ({guesses})' if guesses else ''}")


def _show_line(text: "Scored") -> None:
    typer.echo(f"{text.total:12.4f}  {text.count:5} tokens  {_readable(text.text)}" if text.text else "")


def _show_sum(measure: str, tally: "Tally") -> None:
    pseudo = "pseudo-" if measure.startswith("pll") else ""
    typer.echo(
        f"\n{tally.total:.4f} nats by {measure}: {tally.words:,} words, {tally.tokens:,} tokens, "
        f"{tally.mean:.4f} a token, {pseudo}perplexity {tally.perplexity:,.2f}"
    )
    _show_untold(tally.untold)
    if tally.shared:
        typer.echo(f"tokens that span two words, counted with the first: {tally.shared:,}")


def _show_untold(count: int) -> None:
    if count:
        typer.echo(f"tokens without a log-probability: {count:,} (special or unknown, or nothing stands before them)")


def _minimal_pairs(opened: "OpenRun", scorer: "Scorer", source: str, csv: Path | None, at_most: int | None) -> None:
    from tandem.lab.scoring.minimal_pairs import judge
    from tandem.lab.scoring.pairs import read_pairs
    from tandem.lab.scoring.tables import PAIR_COLUMNS, pair_rows, write_csv

    pairs = read_pairs(source, at_most=at_most)
    try:
        counts = opened.store(say=lambda what: typer.echo(what, err=True)).counts
    except TandemError as error:
        typer.echo(f"no unigram baseline: {error}", err=True)
        counts = None
    width = max(map(len, pairs))
    typer.echo(f"{'paradigm':<{width}}  pairs  accuracy   ties  unigram")
    found = []
    for paradigm in judge(pairs, scorer, counts=counts):
        found.append(paradigm)
        typer.echo(_paradigm_line(paradigm.name, width, [paradigm]))
    typer.echo(_paradigm_line("mean of paradigms", width, found))
    typer.echo(f"by {scorer.measure}; a tie counts one half; unigram: how frequent the tokens are in the training text")
    _show_untold(sum(one.untold for paradigm in found for one in paradigm.judged))
    if csv is not None:
        write_csv(csv, PAIR_COLUMNS, pair_rows(found))
        typer.echo(f"Table: {csv}")


def _paradigm_line(name: str, width: int, paradigms: "Sequence[Paradigm]") -> str:
    unigrams = [paradigm.unigram for paradigm in paradigms if paradigm.unigram is not None]
    unigram = f"{100 * fmean(unigrams):7.1f}" if unigrams else f"{'-':>7}"
    pairs = sum(len(paradigm.judged) for paradigm in paradigms)
    accuracy = 100 * fmean(paradigm.accuracy for paradigm in paradigms)
    ties = 100 * fmean(paradigm.ties for paradigm in paradigms)
    return f"{name:<{width}}  {pairs:5}  {accuracy:8.1f}  {ties:5.1f}  {unigram}"


def _readable(text: str) -> str:
    return readable(text, width=SHOWN)
