"""One batch spread over the processes of a training, so that their gradients add up to that of the whole batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn

from tandem.data.batch import Batch
from tandem.objectives.base import Outcome
from tandem.train.processes import rank, size, talking


@dataclass(frozen=True)
class Extent:
    """Of a whole batch: its rows, the length of its longest one, its positions with padding, and its real tokens.

    `second` is the length of the longest text that is written, where rows have one.
    """

    rows: int
    length: int
    second: int
    positions: int
    tokens: int


@dataclass(frozen=True)
class Share:
    """The sequences of a batch that this process reads, (b,): all of them where it is alone.

    Every sequence of a batch belongs to one process. One that is `idle`, since there are too few, reads the first and
    counts it for nothing, so that all do the same work in the same order.
    """

    sequences: NDArray[np.int64]
    idle: bool = False

    @classmethod
    def of(cls, sequences: NDArray[np.int64]) -> "Share":
        """The share of `sequences` (B,). They come sorted by length, so that turn by turn is the even way."""
        mine = sequences[rank() :: size()]
        return cls(mine) if len(mine) else cls(sequences[:1], idle=True)

    @property
    def noise(self) -> tuple[int, ...]:
        """What the key of this process's dropout is made of beside seed and step: two shares draw unequal noise."""
        return (rank(),) if rank() else ()

    def weighed(self, outcome: Outcome, batch: Batch) -> tuple[Outcome, Extent]:
        """The same sums over the number of predictions in all shares, and how large the whole batch is.

        A mean over each share would weigh predictions of a share with few of them more.
        """
        rows, length = batch.ids.shape
        second = 0 if batch.target_ids is None else batch.target_ids.shape[1]
        if size() == 1:
            return outcome, Extent(rows, length, second, batch.positions, batch.tokens)
        counts = [term.count for term in (outcome, *outcome.also.values())]
        own = torch.tensor([rows, length, second, batch.tokens, *counts]) * (0 if self.idle else 1)
        shares = [torch.empty_like(own) for _ in range(size())]
        with talking():
            dist.all_gather(shares, own)
        rows, _, _, tokens, *counts = torch.stack(shares).sum(dim=0).tolist()
        _, length, second, *_ = torch.stack(shares).amax(dim=0).tolist()
        left = iter(counts)
        weight = 0.0 if self.idle else 1.0
        whole = _each_term(outcome, lambda term: replace(term, loss_sum=term.loss_sum * weight, count=next(left)))
        return whole, Extent(rows, length, second, rows * (length + second), tokens)

    def added_up(self, outcome: Outcome, parameters: Iterable[nn.Parameter]) -> Outcome:
        """Puts the sum over all shares into the gradients of `parameters`; returns the outcome of the whole batch.

        Not by DistributedDataParallel: it takes one call of one module for a step, and here the encoder may be read in
        two turns, or from a carried state, and the head is called by the objective; it means over processes, where
        predictions are to be counted. What one sum at the end costs, `benchmarks.scale` measures (its dial `spread`).
        """
        if size() == 1:
            return outcome
        trained = list(parameters)
        terms = (outcome, *outcome.also.values())
        told = [torch.stack([term.loss_sum.detach(), self._correct(term)]).float() for term in terms]
        # A parameter without a gradient is not decayed either, so that nobody may give it one of zeros.
        used = torch.tensor([parameter.grad is not None for parameter in trained], device=told[0].device).float()
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in trained]
        total = torch.cat([part.flatten() for part in (*told, used, *gradients)])
        with talking():
            dist.all_reduce(total)
        sums, used, *summed = torch.split(total, [2 * len(told), len(trained), *(p.numel() for p in trained)])
        for parameter, gradient, is_used in zip(trained, summed, used.tolist(), strict=True):
            parameter.grad = gradient.view_as(parameter) if is_used else None
        left = iter(sums.view(-1, 2))
        return _each_term(outcome, lambda term: _with_sums(term, next(left)))

    def _correct(self, term: Outcome) -> Tensor:
        return torch.as_tensor(0 if self.idle else term.correct, device=term.loss_sum.device)


def _with_sums(term: Outcome, sums: Tensor) -> Outcome:
    return replace(term, loss_sum=sums[0], correct=sums[1])


def _each_term(outcome: Outcome, changed: Callable[[Outcome], Outcome]) -> Outcome:
    main = changed(outcome)
    return replace(main, also={name: changed(term) for name, term in outcome.also.items()})
