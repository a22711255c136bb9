"""Several runs at once, each in a process of one thread."""

import multiprocessing
import os
import queue
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from typing import Any

import torch

from tandem.core.errors import ResourceError, Stopped, TandemError
from tandem.lab.events import Event
from tandem.train.loop import Step
from tandem.train.signals import stop_requests

REFRESH = 0.2
STOPPED = 143
FAILED = 1
"""The exit code of a process that has printed a traceback."""
THREADS = "OMP_NUM_THREADS"
Work = Callable[[], Iterator[Event]]


def side_by_side(work: Sequence[Work], processes: int) -> Generator[tuple[int, Event], None, None]:
    """The events of all `work`, each with the number of the work that it is of; at most `processes` work at a time.

    Of steps that follow each other quickly only some are told. Work is sent to its process, so it must be an object
    that pickle can take apart.

    Raises:
        Stopped: a signal came; what was being trained has saved a checkpoint. ResourceError: a process was killed.
        What work raises of our errors; other work is then stopped with a checkpoint. RuntimeError: work raised another.
    """
    # A process that is forked after torch has started threads may hang; a new one may not.
    context = multiprocessing.get_context("spawn")
    tasks: Queue[Any] = context.Queue()
    events: Queue[Any] = context.Queue()
    for task in (*enumerate(work), *[None] * processes):
        tasks.put(task)
    workers = [
        context.Process(target=_work, args=(tasks, events, os.getpid()), daemon=True)
        for _ in range(min(processes, len(work)))
    ]
    # What nobody takes any more must not keep this process from ending.
    tasks.cancel_join_thread()
    with stop_requests() as stop, _stopped_at_the_end(workers):
        with _one_thread():
            for worker in workers:
                worker.start()
        while True:
            if stop.number is not None:
                raise Stopped(stop.number, "what was being trained is saved; the same command goes on from there")
            # Who has ended before nothing came has left nothing to come.
            ended = [worker.exitcode for worker in workers]
            try:
                number, event, failure = events.get(timeout=REFRESH)
            except queue.Empty:
                if FAILED in ended:
                    raise RuntimeError("a process of the study failed; its traceback stands above") from None
                if any(ended):
                    raise ResourceError(
                        f"a process of the study ended with code {next(filter(None, ended))}; was memory short? Ask "
                        "for fewer at a time with --parallel; the same command goes on"
                    ) from None
                if all(code is not None for code in ended):
                    return
                continue
            if failure is not None:
                kind, message = failure
                raise kind(message)
            yield number, event


def _work(tasks: "Queue[Any]", events: "Queue[Any]", parent: int) -> None:
    torch.set_num_threads(1)
    told = 0.0
    try:
        for number, work in iter(tasks.get, None):
            for event in work():
                if os.getppid() != parent:
                    return
                now = time.monotonic()
                if not isinstance(event, Step) or now - told > REFRESH:
                    told = now
                    events.put((number, event, None))
    except (Stopped, KeyboardInterrupt):
        # Nobody reads any more what is still to be sent.
        events.cancel_join_thread()
        raise SystemExit(STOPPED) from None
    except TandemError as error:
        events.put((-1, None, (type(error), str(error))))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes that are started inside use one thread each."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


@contextmanager
def _stopped_at_the_end(workers: Sequence[BaseProcess]) -> Iterator[None]:
    try:
        yield
    finally:
        for worker in workers:
            # SIGTERM: a training finishes its step and saves it.
            if worker.pid is not None:
                worker.terminate()
        for worker in workers:
            if worker.pid is not None:
                worker.join()
