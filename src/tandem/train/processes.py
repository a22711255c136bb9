"""The processes that torchrun starts for one training: the first leads, the others do what it says."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.rendezvous import rendezvous

from tandem.core.errors import ResourceError, UsageError

# The others wait in silence while the first prepares a corpus or scores a whole split. One that dies is noticed at
# once, since its connections close; so no wait needs an end of its own.
PATIENCE = timedelta(days=365)


EXIT_CODE = "exit code"


class Order(StrEnum):
    """What the first process wants of the others: to begin a run, to take a step, to give the state they carry."""

    BEGIN = "begin"
    STEP = "step"
    GATHER = "gather"


class Ended(Exception):  # noqa: N818 - the end of the first process is not an error of this one
    """The first process has ended, with the exit code `code`, and has said why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def rank() -> int:
    """Which of the processes this one is, from 0; a process alone is the first."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def join() -> None:
    """Makes this process one of those that torchrun names in the environment.

    They speak over gloo, and about what lies on a GPU over nccl; each takes a GPU of its own. The others leave signals
    to the first: torchrun passes every one on to all.

    Raises:
        UsageError: there are fewer GPUs than processes.
    """
    number, beside = int(os.environ["RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    on_gpu = torch.cuda.is_available()
    if on_gpu and number == 0 and beside > torch.cuda.device_count():
        raise UsageError(f"--nproc-per-node {beside}: at most one process for each GPU ({torch.cuda.device_count()})")
    store, number, count = next(iter(rendezvous("env://", timeout=PATIENCE)))
    backend = "cpu:gloo,cuda:nccl" if on_gpu else "gloo"
    dist.init_process_group(backend, store=store, rank=number, world_size=count, timeout=PATIENCE)
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    if number > 0:
        _ignore_signals()


@contextmanager
def ending_together() -> Iterator[None]:
    """When the block ends in the first process, the others learn its exit code, and that there is nothing more to do.

    That is all they ever learn of an end, be it of a training, by a signal or by an error: what they wait for does not
    come, since connections close.
    """
    code: Any = 1
    try:
        yield
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
        raise
    finally:
        # torchrun ends those that are left when one has failed, and their exit codes would be lost.
        _ignore_signals()
        if dist.is_initialized():
            if rank() == 0:
                _store().set(EXIT_CODE, str(code))
            dist.destroy_process_group()


def told(content: bytes, *, by: int = 0) -> bytes:
    """The `content` of process `by`, in every process; the others' is ignored. All must call this, in the same order.

    Raises:
        Ended: the first process is gone. ResourceError: another one is.
    """
    if size() == 1:
        return content
    with talking():
        length = torch.tensor(len(content))
        dist.broadcast(length, src=by)
        mine = by == rank() and len(content) > 0
        data = torch.frombuffer(bytearray(content), dtype=torch.uint8) if mine else torch.empty(int(length)).byte()
        dist.broadcast(data, src=by)
        return data.numpy().tobytes()


def order(what: Order, details: Any = None) -> None:
    """Tells all others, in the first process, what comes next, with `details` that JSON can hold; alone nothing."""
    if size() > 1:
        told(json.dumps([what, details]).encode())


def next_order() -> tuple[Order, Any]:
    """Waits for what `order` tells.

    Raises:
        Ended: there will be no other.
    """
    what, details = json.loads(told(b""))
    return Order(what), details


@contextmanager
def talking() -> Iterator[None]:
    """Around what processes do together: torch says by a RuntimeError that one of them has closed its connections.

    Raises:
        Ended: the first has. ResourceError: this is the first, and another has.
    """
    try:
        yield
    except RuntimeError as error:
        if rank() == 0:
            raise ResourceError(
                "another process of this training has ended; what it said stands above, and the same command goes on "
                "from the last checkpoint"
            ) from error
        raise Ended(_exit_code()) from error


def _exit_code() -> int:
    """That of the first process, as it told; 1 where it was killed, or torchrun with it."""
    try:
        return int(_store().get(EXIT_CODE)) if _store().check([EXIT_CODE]) else 1
    except RuntimeError:
        return 1


def _store() -> Any:
    """What torchrun itself keeps for all, so that it outlives each of them."""
    return dist.distributed_c10d._get_default_store()


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
