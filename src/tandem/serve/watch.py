"""Work that can be stopped: a model asks, before each of its layers, whether anybody still waits for what it says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from torch import nn

_IS_WANTED: ContextVar[Callable[[], bool] | None] = ContextVar("is_wanted", default=None)


class NobodyWaits(Exception):  # noqa: N818 - no error: the work has lost its purpose
    """The client has left, or the deadline is over."""


@contextmanager
def while_wanted(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Inside, a watched model ends its work as soon as `is_wanted` says no.

    Raises:
        NobodyWaits: it has said no.
    """
    token = _IS_WANTED.set(is_wanted)
    try:
        yield
    finally:
        _IS_WANTED.reset(token)


def watch(model: nn.Module) -> None:
    """Has every part of `model` ask before it begins; a copy of the model asks as well.

    The lab's own loops need not know of servers: whatever they compute, they ask a layer again and again.
    """
    for module in model.modules():
        module.register_forward_pre_hook(_check)


def _check(*_: Any) -> None:
    is_wanted = _IS_WANTED.get()
    if is_wanted is not None and not is_wanted():
        raise NobodyWaits
