"""How many runs of a study at a time are trained fastest on this machine."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import torch

from tandem.core.config import Recipe
from tandem.lab.doctor.machine import cores
from tandem.lab.events import Event
from tandem.lab.rehearsal import WARM_UP, rehearsal
from tandem.lab.studies.side_by_side import side_by_side
from tandem.lab.studies.study import Study
from tandem.lab.studies.way import parallel_of
from tandem.train.loop import Step

SECONDS = 5.0


@dataclass(frozen=True)
class Rehearsal:
    """A training of `recipe` that lasts until nobody takes its events any more."""

    recipe: Recipe

    def __call__(self) -> Iterator[Event]:
        with rehearsal(self.recipe) as events:
            yield from events


def runs_at_a_time(study: Study, *, say: Callable[[str], None] = lambda _: None) -> int:
    """One, on all threads, or one for each core, of one thread each: whichever reads more tokens a second here.

    Both are measured, for some seconds, with the reference arm. A study that was begun goes on as it was begun, and
    runs on a GPU follow each other.

    Raises:
        What `Study.arms` and `train_run` raise.
    """
    begun = parallel_of(study)
    most = min(cores(), len(study.table.seeds) * sum(map(len, study.parts.values())))
    if begun is not None or most == 1 or torch.cuda.is_available():
        return begun or 1
    recipe = next(iter(study.parts.values()))[study.reference]
    with rehearsal(recipe, say=say) as events:
        alone = tokens_a_second(((0, event) for event in events), 1)
    with closing(side_by_side([Rehearsal(recipe)] * most, most)) as events_of_all:
        together = tokens_a_second(events_of_all, most)
    say(
        f"{most} runs at a time, of one thread each: {together:,.0f} tokens a second; one, of all threads "
        f"({torch.get_num_threads()}): {alone:,.0f}"
    )
    return most if together > alone else 1


def tokens_a_second(
    events: Iterable[tuple[int, Event]], trainings: int, *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """What so many endless `trainings` read together, each event with its number, while all of them take steps."""
    began: dict[int, tuple[float, int]] = {}
    speeds: dict[int, float] = {}
    for number, event in events:
        if not isinstance(event, Step) or event.step <= WARM_UP:
            continue
        now = clock()
        if len(began) < trainings:
            began[number] = now, event.tokens
            continue
        seconds = now - began[number][0]
        if seconds > 0:
            speeds[number] = (event.tokens - began[number][1]) / seconds
        if now - max(start for start, _ in began.values()) >= SECONDS and len(speeds) == trainings:
            break
    return sum(speeds.values())
