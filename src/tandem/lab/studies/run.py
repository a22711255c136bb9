"""Trains what a study has not trained yet: first the trials of learning rates, then the runs that are compared."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from tandem.core.config import Recipe
from tandem.core.errors import DivergedError, UsageError, unknown
from tandem.core.files import write_json
from tandem.lab.assemble import check
from tandem.lab.card import write_card
from tandem.lab.events import Event, Finished, Notice
from tandem.lab.folder import RunFolder, open_run
from tandem.lab.run import train_run
from tandem.lab.shares import knock_outs
from tandem.lab.studies.checks import check_study
from tandem.lab.studies.cluster import LAUNCHERS, NONE, on_cluster
from tandem.lab.studies.scores import DIVERGED, KNOCK_OUTS, chosen_rates
from tandem.lab.studies.side_by_side import side_by_side
from tandem.lab.studies.study import Place, Study, StudyRun
from tandem.lab.studies.way import keep_way
from tandem.nn.knock_out import mechanisms

GAVE_UP = "diverged"
Events = Generator[tuple[int, Event], None, None]


@dataclass(frozen=True)
class Turn:
    """An event of a run, and how many of the `total` runs of its phase were finished before it."""

    phase: str
    finished: int
    total: int
    run: StudyRun
    event: Event


def run_study(
    study: Study, *, parallel: int = 1, launcher: str = "", slurm: Mapping[str, str] = NONE,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Turn]:  # fmt: skip
    """Trains all that is left of a study, `parallel` runs at a time; what is finished is passed over.

    With a `launcher` all runs of a phase are jobs of a cluster at once, with the options `slurm`.

    Raises:
        UsageError: the study or the launcher is wrong, or runs in its folder are of another recipe than it has now.
        What `train_run` raises; a run that diverges keeps the reason, and its study goes on.
    """
    if launcher and launcher not in LAUNCHERS:
        raise unknown("launcher", launcher, LAUNCHERS, "--launcher")
    keep_way(study, parallel=parallel, launcher=launcher)
    send = partial(_events, parallel=parallel, launcher=launcher, slurm=slurm, jobs=study.folder / "jobs")
    for recipe in chain.from_iterable(arms.values() for arms in study.parts.values()):
        check(recipe)
    trials = list(study.trials())
    _refuse_others(study, trials)
    refused = check_study(study, say=say).refused
    for (task, equal, arm), why in refused.items():
        say(f"not trained: {arm}, {task}, equal {equal}: {why}")
    yield from _phase(study, "trials of learning rates", trials, refused, send)
    runs = list(study.runs(chosen_rates(study)))
    _refuse_others(study, runs)
    yield from _phase(study, "runs", runs, refused, send)


def _refuse_others(study: Study, runs: list[StudyRun]) -> None:
    """Refuses to go on where a folder holds a run of another recipe than the study has for it now."""
    changed: dict[str, set[str]] = {}
    for run in runs:
        folder = RunFolder(run.folder)
        if folder.config.exists() and (keys := _differences(folder.recipe(), run.recipe)):
            changed[str(run.folder)] = keys
    if changed:
        different = ", ".join(sorted(set[str]().union(*changed.values())))
        raise UsageError(
            f"{study.path}: {len(changed)} finished or begun runs are of other recipes than it has now, the first "
            f"{next(iter(changed))}; they differ in: {different}; bring the study and its recipe back, save the "
            "study under another name, or delete these folders"
        )


def _differences(before: Recipe, now: Recipe) -> set[str]:
    old, new = before.model_dump(), now.model_dump()
    return {key for key in new if old[key] != new[key]}


def _phase(
    study: Study, phase: str, runs: list[StudyRun], refused: Iterable[Place], send: "Callable[[list[Work]], Events]"
) -> Iterator[Turn]:
    wanted = [run for run in runs if run.place not in set(refused)]
    left = [run for run in wanted if not _settled(study, run)]
    finished = len(wanted) - len(left)
    work = [Work(run, command=f"tandem study run {study.path}", tried=phase != "runs") for run in left]
    with closing(send(work)) as events:
        for number, event in events:
            yield Turn(phase, finished, len(wanted), left[number], event)
            finished += isinstance(event, Finished)


def _settled(study: Study, run: StudyRun) -> bool:
    folder = RunFolder(run.folder)
    done = folder.complete if run.recipe.seed == study.table.tuning_seed else folder.card.exists()
    return done or (folder.path / DIVERGED).exists()


def _events(work: "list[Work]", *, parallel: int, launcher: str, slurm: Mapping[str, str], jobs: Path) -> Events:
    if launcher and work:
        return on_cluster(work, launcher, jobs, options=slurm)
    return side_by_side(work, parallel) if parallel > 1 else _one_by_one(work)


def _one_by_one(work: "list[Work]") -> Events:
    for number, run in enumerate(work):
        for event in run():
            yield number, event


@dataclass(frozen=True)
class Work:
    """One run to train; of one that was only `tried` nobody asks for a card or for what its mechanisms give."""

    run: StudyRun
    command: str
    tried: bool

    def __call__(self) -> Iterator[Event]:
        """Trains it, or what is left of it.

        Raises:
            What `train_run` raises, but for divergence.
        """
        folder = RunFolder(self.run.folder)
        try:
            for event in train_run(self.run.recipe, folder.path):
                if not isinstance(event, Finished):
                    yield event
            if not self.tried:
                _keep_knock_outs(folder)
                write_card(folder, command=self.command)
        except DivergedError as error:
            write_json(folder.path / DIVERGED, {"why": str(error)})
            yield Notice(f"{GAVE_UP}: {error}")
        yield Finished(folder)


def _keep_knock_outs(folder: RunFolder) -> None:
    opened = open_run(folder.path)
    if len(mechanisms(opened.model.encoder)) > 1:
        scored = folder.read_json(folder.scores, "scores")["scores"]
        found = knock_outs(opened, opened.store(), split="test" if "test" in scored else "validation")
        write_json(folder.path / KNOCK_OUTS, [asdict(knocked) for knocked in found])
