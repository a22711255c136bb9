"""Runs as jobs of a cluster, through submitit (the extra `cluster`)."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tandem.core.errors import ResourceError, Stopped, TandemError, UsageError
from tandem.lab.events import Event, Finished

LAUNCHERS = ("slurm", "local")
"""Slurm, and processes of this machine that take the same way."""
HOURS = 24
NONE: Mapping[str, str] = MappingProxyType({})


def on_cluster(
    work: Sequence[Callable[[], Iterator[Event]]], launcher: str, folder: Path,
    *, options: Mapping[str, str] = NONE, seconds: float = 5.0,
) -> Generator[tuple[int, Event], None, None]:  # fmt: skip
    """Sends all `work` off as jobs of one array, and tells which number of it has ended, asking every so many seconds.

    A job reads and writes where this process does, so the working folder must be one that the cluster shares. `folder`
    takes the jobs' logs. Jobs go on when this process ends; work must pass over what is finished already. `options` are
    Slurm's own, such as partition, account, time (minutes), mem, gres; without them a job has one core for a day.

    Raises:
        UsageError: submitit is not installed, or an option is not one of Slurm's. ResourceError: a job was killed.
        What work raises; other jobs go on.
    """
    try:
        import submitit
    except ImportError:
        raise UsageError("--launcher needs submitit; pip install -e '.[cluster]' in the clone") from None
    executor = submitit.AutoExecutor(folder=folder, cluster=launcher)
    executor.update_parameters(timeout_min=60 * HOURS, cpus_per_task=1, slurm_array_parallelism=256)
    try:
        executor.update_parameters(**{f"slurm_{key}": _number(value) for key, value in options.items()})
    except NameError as error:
        raise UsageError(f"--slurm: {str(error).splitlines()[0]}") from None
    left: dict[int, Any] = dict(enumerate(executor.map_array(_done, work)))
    while left:
        for number, job in list(left.items()):
            if job.done():
                if job.exception() is not None:
                    raise ResourceError(f"job {job.job_id} failed; its log is in {folder}; the same command goes on")
                last = job.result()
                if not isinstance(last, Finished):
                    kind, message = last
                    raise kind(message)
                del left[number]
                yield number, last
        if left:
            time.sleep(seconds)


def _number(value: str) -> str | int:
    return int(value) if value.isdigit() else value


def _done(work: Callable[[], Iterator[Event]]) -> Finished | tuple[type[TandemError], str]:
    """Does all of `work`, and returns its last event, or one of our errors."""
    try:
        last = None
        for event in work():
            last = event
    except Stopped:
        raise
    except TandemError as error:
        return type(error), str(error)
    assert isinstance(last, Finished)
    return last
