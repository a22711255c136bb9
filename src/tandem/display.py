"""What a person sees while and after a model trains."""

import time
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from tandem.core.errors import UsageError
from tandem.lab.class_report import reports_of
from tandem.lab.events import Evaluated, Event, Finished, Notice
from tandem.lab.fill_mask import Guess
from tandem.lab.folder import RunFolder
from tandem.lab.peers import Peers
from tandem.lab.report import Measured, distrusted, reading, table, unfair
from tandem.train.loop import Step

REFRESH = 0.1
MOST_COLUMNS = 5


class TrainingView:
    """A progress bar with step, loss, tokens/s and time left, and what happens on the way above it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
            TextColumn("{task.percentage:3.0f} %"), TextColumn("{task.fields[numbers]}"),
            console=console, transient=True, auto_refresh=False,
        )  # fmt: skip

    def show(self, events: Iterator[tuple[str, Event]]) -> None:
        """Shows events, each with the name of its run, as they come."""
        current, task, started, began, drawn = None, None, 0.0, 0.0, 0.0
        tokens_before = 0
        with self.bar:
            for name, event in events:
                if name != current:
                    current, started = name, 0.0
                    self.bar.console.print(Text(f"\n{name}", style="bold"))
                    if task is not None:
                        self.bar.remove_task(task)
                    task = self.bar.add_task(name.split("  ")[0], total=1.0, numbers="")
                match event:
                    case Notice():
                        self.bar.console.print(Text(f"  {event.text}", style="dim"))
                    case Step():
                        now = time.monotonic()
                        if not started:
                            started, began, tokens_before = now, event.spent, event.tokens
                        elif now - drawn > REFRESH and task is not None:
                            drawn = now
                            speed = (event.tokens - tokens_before) / (now - started)
                            left = (now - started) * (1 - event.spent) / max(event.spent - began, 1e-9)
                            pace = f"{speed:,.0f} tokens/s  {_clock(left)} left"
                            numbers = f"step {event.step:,}  loss {event.loss:.3f}  {pace}"
                            self.bar.update(task, completed=event.spent, numbers=numbers, refresh=True)
                    case Evaluated():
                        self._evaluated(event)
                    case Finished():
                        pass
            if task is not None:
                self.bar.remove_task(task)

    def _evaluated(self, event: Evaluated) -> None:
        scores = event.scores
        self.bar.console.print(
            f"  step {event.step:>6,}  {event.tokens / 1e6:5.2f} M tokens  validation loss {scores.loss:.3f} "
            f"({scores.guess} {scores.baseline_loss:.3f})  {scores.accuracy_name} {100 * scores.accuracy:.1f} %"
            + "".join(f"  {name} {value:.3f}" for name, value in scores.more.items()),
            highlight=False,
        )
        for text, masks in event.samples:
            for guesses in masks:
                self.bar.console.print(Text(f"      {text}  {guesses_line(guesses)}", style="cyan"))


def guesses_line(guesses: list[Guess]) -> str:
    """The guesses for one mask with their probabilities."""
    return "  ".join(f"{guess.token} {guess.probability:.2f}" for guess in guesses)


def show_table(console: Console, runs: list[Measured], peers: Peers) -> None:
    """The comparison of finished runs: a column for each architecture while that fits, else a line for each."""
    lines = table(runs, peers.found)
    headings, *others = lines if len(lines) > MOST_COLUMNS else zip(*lines, strict=True)
    # A bracket in an expression is text, not markup.
    shown = Table(*map(escape, headings), box=None, pad_edge=False, header_style="bold")
    for cells in others:
        shown.add_row(*map(Text, cells))
    console.print()
    console.print(shown)
    console.print(Text(reading(runs, peers.found), style="dim"))
    for line in filter(None, (*distrusted(runs), *unfair(runs), peers.note)):
        console.print(Text(line, style="yellow"))


def show_classes(console: Console, folder: RunFolder) -> None:
    """How well a finished run tells each class; nothing where it tells none."""
    try:
        reports = reports_of(folder)
    except UsageError as error:
        console.print(Text(str(error), style="yellow"))
        return
    for report in reports[-1:]:
        console.print(Text(f"\n{report.split} split\n{report.brief}"))
        if report.note:
            console.print(Text(report.note, style="yellow"))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
