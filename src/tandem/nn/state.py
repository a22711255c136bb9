"""A state of an encoder: nested tuples of tensors, each of which begins with the batch."""

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor


def mapped(state: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """The same tuples with `function` applied to every tensor: to detach a state, or to choose rows of its batch."""
    if isinstance(state, Tensor):
        return function(state)
    parts = [mapped(part, function) for part in state]
    return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)


def tensors(state: Any) -> Iterator[Tensor]:
    """All tensors of a state, in a fixed order."""
    if isinstance(state, Tensor):
        yield state
    else:
        for part in state:
            yield from tensors(part)


def refilled(state: Any, content: Iterator[Tensor]) -> Any:
    """A state of the same form that holds the tensors of `content`, in the order that `tensors` gave them."""
    return mapped(state, lambda _: next(content))
