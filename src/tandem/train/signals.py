"""Ctrl-C and SIGTERM as a question that the loop can ask."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Which signal asked for the end, or None."""

    number: int | None = None


@contextmanager
def stop_requests() -> Iterator[StopRequest]:
    """Inside the block the first SIGINT or SIGTERM is noted; a second one has its usual effect."""
    request = StopRequest()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, _: FrameType | None) -> None:
        request.number = number
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
