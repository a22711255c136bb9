"""What a person sees while a study runs."""

import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from tandem.lab.events import Finished, Notice
from tandem.lab.studies.run import GAVE_UP, Turn
from tandem.train.loop import Step

REFRESH = 0.1


def show_study(console: Console, turns: Iterator[Turn]) -> None:
    """Shows a bar for the phase of a study and one for every run in work; a finished run leaves a line."""
    bars = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
        TextColumn("{task.percentage:3.0f} %"), TextColumn("{task.fields[numbers]}"), TimeElapsedColumn(),
        console=console, transient=True, auto_refresh=False,
    )  # fmt: skip
    phases: dict[str, TaskID] = {}
    runs: dict[str, TaskID] = {}
    drawn = 0.0
    with bars:
        for turn in turns:
            name = str(turn.run.folder)
            if turn.phase not in phases:
                phases[turn.phase] = bars.add_task(turn.phase, total=turn.total, numbers="")
            if name not in runs:
                runs[name] = bars.add_task(name, total=1.0, numbers="")
            bars.update(phases[turn.phase], completed=turn.finished, numbers=f"{turn.finished} of {turn.total}")
            match turn.event:
                case Notice() as notice if notice.text.startswith(GAVE_UP):
                    bars.console.print(Text(f"  {name}: {notice.text}", style="yellow"))
                case Step() as step:
                    bars.update(runs[name], completed=step.spent, numbers=f"loss {step.loss:.3f}")
                case Finished():
                    bars.remove_task(runs.pop(name))
                    done = turn.finished + 1
                    bars.update(phases[turn.phase], completed=done, numbers=f"{done} of {turn.total}")
                    bars.console.print(Text(f"{turn.phase}: {done} of {turn.total}  {name}"))
                case _:
                    pass
            if time.monotonic() - drawn > REFRESH:
                drawn = time.monotonic()
                bars.refresh()
