"""The linear recurrence h_t = keep_t h_{t-1} + new_t over whole sequences."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

WORTH_A_STEP = 1024
"""How many numbers of a token (B times D) make a step over them on a CPU as fast as its share of a scan."""


def associative_scan(keep: Tensor, new: Tensor) -> Tensor:
    """All h_t (B, T, D) from `keep` and `new` (B, T, D) and h_{-1} = 0, with work and memory linear in T.

    Two steps in a row are one step of the same form, with keep = keep_2 keep_1 and new = keep_2 new_1 + new_2. So pairs
    of neighbours become a sequence of half the length, which is solved the same way, and every second state follows
    from the state before it (Blelloch 1990). A factor between 0 and 1 never overflows, so no logarithm is needed.

    A CPU goes from token to token instead where the batch is wide enough for that: 0.3 to 0.5 of the time.
    """
    states: Tensor = _Scan.apply(keep, new)  # type: ignore[no-untyped-call]
    return states


def log_scan(log_keep: Tensor, log_new: Tensor) -> Tensor:
    """All h_t (B, T, D) from the logarithms of `keep` and of a positive `new`, and h_{-1} = 0.

    Source: Heinsen 2023, Efficient parallelization of a ubiquitous sequential computation.
    """
    # Sums of 2,048 logarithms in single precision put states off by 2e-4 of themselves; this costs 1.2 to 1.7 times.
    sums = log_keep.double().cumsum(dim=1)
    return (sums + (log_new.double() - sums).logcumsumexp(dim=1)).exp().to(log_new.dtype)


class _Scan(torch.autograd.Function):
    """Keeps one tensor besides its input; the gradient is the same recurrence, read from the end."""

    @staticmethod
    def forward(ctx: Any, keep: Tensor, new: Tensor) -> Tensor:
        if _by_steps(keep):
            states = new.clone(memory_format=torch.contiguous_format)
            _step_through(states.unbind(1), keep.unbind(1)[1:])
        else:
            states = _solved(keep, new)
        ctx.save_for_backward(keep, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        keep, states = ctx.saved_tensors
        if _by_steps(keep):
            of_new = gradient.clone(memory_format=torch.contiguous_format)
            _step_through(of_new.unbind(1)[::-1], keep.unbind(1)[:0:-1])
        else:
            following = torch.cat([keep[:, 1:], torch.zeros_like(keep[:, :1])], dim=1)
            of_new = _solved(following.flip(1), gradient.flip(1)).flip(1)
        before = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)
        return of_new * before, of_new


def _by_steps(keep: Tensor) -> bool:
    # A compiler would write every step out.
    on_cpu = keep.device.type == "cpu" and not torch.compiler.is_compiling()
    return on_cpu and keep.shape[0] * keep.shape[2] >= WORTH_A_STEP


def _step_through(states: Sequence[Tensor], factors: Sequence[Tensor]) -> None:
    """Adds to each of `states` (B, D) but the first, in place, the one before it times its factor."""
    for (before, state), factor in zip(pairwise(states), factors, strict=True):
        state.addcmul_(factor, before)


def _solved(keep: Tensor, new: Tensor) -> Tensor:
    length = keep.shape[1]
    if length < 2:
        return new
    even, odd = slice(0, length - 1, 2), slice(1, length, 2)
    states = torch.empty_like(new)
    states[:, odd] = _solved(
        keep[:, odd] * keep[:, even], torch.addcmul(new[:, odd], keep[:, odd], new[:, even])
    )  # fmt: skip
    states[:, 0] = new[:, 0]
    later, before = slice(2, length, 2), slice(1, length - 1, 2)
    states[:, later] = torch.addcmul(new[:, later], keep[:, later], states[:, before])
    return states
