"""Runs as jobs of a cluster, through submitit (the extra `cluster`)."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from tandem.core.errors import ResourceError, Stopped, TandemError, UsageError
from tandem.lab.events import Event, Finished

LAUNCHERS = ("slurm", "local")
"""Slurm, and processes of this machine that take the same way."""
HOURS = 24


def on_cluster(
    work: Sequence[Callable[[], Iterator[Event]]], launcher: str, folder: Path, *, seconds: float = 5.0
) -> Generator[tuple[int, Event], None, None]:
    """Sends all `work` off as jobs of one array, and tells which number of it has ended, asking every so many seconds.

    A job reads and writes where this process does, so the working folder must be one that the cluster shares. `folder`
    takes the jobs' logs. Jobs go on when this process ends; work must pass over what is finished already.

    Raises:
        UsageError: submitit is not installed. ResourceError: a job was killed.
        What work raises; other jobs go on.
    """
    try:
        import submitit
    except ImportError:
        raise UsageError("--launcher needs submitit; pip install -e '.[cluster]' in the clone") from None
    executor = submitit.AutoExecutor(folder=folder, cluster=launcher)
    executor.update_parameters(timeout_min=60 * HOURS, cpus_per_task=1, slurm_array_parallelism=256)
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


def _done(work: Callable[[], Iterator[Event]]) -> Finished | tuple[type[TandemError], str]:
    """Does all of `work`, and returns its last event, or one of our errors."""
    try:
        *_, last = work()
    except Stopped:
        raise
    except TandemError as error:
        return type(error), str(error)
    assert isinstance(last, Finished)
    return last
