"""A budget as a person says it, and how many tokens a training reads in a given time."""

import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.lab.events import Evaluated, Event
from tandem.lab.folder import RunFolder
from tandem.lab.rehearsal import WARM_UP, rehearsal
from tandem.train.loop import Step

NUMBER = r"(\d+(?:\.\d+)?(?:e\d+)?)"
TIME = re.compile(rf"(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s)?")
AMOUNT = re.compile(rf"{NUMBER}([kM]?) ?(tokens|steps)")
TIMES = {"": 1, "k": 10**3, "M": 10**6}
SHARE_MEASURED, LONGEST_MEASURED = 0.1, 10.0
LEAST_TRAINING = 0.5


def budget_override(text: str) -> str:
    """`text`, a time (90s, 10m, 1h30m), tokens (2Mtokens, 2e6tokens) or steps (500steps), as `budget.seconds=90`.

    Raises:
        UsageError: it is none of these.
    """
    wrong = UsageError(f"--budget {text}: write a time (90s, 10m, 1h30m), tokens (2Mtokens, 2e6tokens) or 500steps")
    if amount := AMOUNT.fullmatch(text.strip()):
        number, times, unit = amount.groups()
        count = float(number) * TIMES[times]
        if not 1 <= count < math.inf:
            raise wrong
        return f"budget.{unit}={round(count)}"
    found = TIME.fullmatch(text.strip())
    hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found else (0.0, 0.0, 0.0)
    whole = 3600 * hours + 60 * minutes + seconds
    if not 0 < whole < math.inf:
        raise wrong
    return f"budget.seconds={whole:g}"


@dataclass(frozen=True)
class Forecast:
    """`tokens`, read at `speed` a second in about so many `steps`, and the seconds that evaluations on the way take."""

    tokens: int
    steps: int
    speed: float
    evaluating: float

    def line(self, now: datetime) -> str:
        """One line for a person who begins to wait `now`."""
        until = now + timedelta(seconds=self.tokens / self.speed + self.evaluating)
        day = "" if until.date() == now.date() else f"{until:%A} "
        return (
            f"budget {self.tokens:,} tokens: about {self.steps:,} steps at {self.speed:,.0f} tokens/s and "
            f"{self.evaluating:,.0f} s of evaluations, until {day}{until:%H:%M:%S}; then the final scoring"
        )


def tokens_for(recipe: Recipe, folder: Path, *, say: Callable[[str], None] = lambda _: None) -> int:
    """How many tokens a training into `folder` reads in the seconds of the recipe's budget.

    These seconds are for steps and for evaluations on the way; measuring, checkpoints and the final scoring are not
    among them. Measured on the first steps of a training beside it, which take a tenth of the budget or ten seconds;
    where the folder holds a run, its budget counts.

    Raises:
        What `train_run` raises.
    """
    begun = RunFolder(folder).recipe().budget.tokens if RunFolder(folder).config.exists() else None
    if begun is not None:
        say(f"budget {begun:,} tokens, as when the run began")
        return begun
    assert recipe.budget.seconds is not None
    with rehearsal(recipe, say=say) as events:
        evaluations = 1 + math.ceil(1 / recipe.train.evaluate_every)
        found = forecast(events, seconds=recipe.budget.seconds, evaluations=evaluations)
    say(found.line(datetime.now()))
    return found.tokens


def forecast(
    events: Iterator[Event], *, seconds: float, evaluations: int, clock: Callable[[], float] = time.perf_counter
) -> Forecast:
    """What fits into `seconds` with so many `evaluations`, from the first events of an endless training.

    At least half of the seconds are for training, however long evaluations take.
    """
    evaluating = 0.0
    steps: list[tuple[float, int]] = []
    for event in events:
        now = clock()
        if isinstance(event, Evaluated):
            evaluating = evaluations * event.seconds
        elif isinstance(event, Step):
            steps.append((now, event.tokens))
            if len(steps) > WARM_UP and now - steps[WARM_UP - 1][0] >= min(LONGEST_MEASURED, SHARE_MEASURED * seconds):
                break
    (began, first), (ended, last) = steps[WARM_UP - 1], steps[-1]
    speed = (last - first) / (ended - began)
    tokens = _rounded(speed * max(seconds - evaluating, LEAST_TRAINING * seconds))
    return Forecast(tokens, max(1, round(tokens * len(steps) / last)), speed, evaluating)


def _rounded(tokens: float) -> int:
    """Down to three digits: the rest is noise, and people read it."""
    unit = 10 ** max(0, math.floor(math.log10(max(1.0, tokens))) - 2)
    return max(1, int(tokens // unit * unit))
