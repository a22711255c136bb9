"""Greedy and beam search over a decoder, one step at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.nn.state import mapped, tensors

Step = Callable[[Any, Tensor], tuple[Any, Tensor]]
"""The next ids (R,) of R texts: the state behind them and unnormalised scores of what follows, (R, V)."""

MOST = 1000
"""Wider beams take memory by the gigabyte; translations get worse long before (Koehn and Knowles 2017)."""


@dataclass(frozen=True)
class Beam:
    """How widely to search: `size` texts are kept at each step, 1 for greedy search; none has more than `longest` ids.

    A text of n ids, its end included, is ranked by its log-probability / ((5 + n) / 6) ** `penalty` (Wu et al. 2016):
    0 prefers short texts, and the larger the penalty, the longer the texts that win.

    Raises:
        UsageError: a value outside its range.
    """

    size: int = 5
    penalty: float = 0.6
    longest: int = 128

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MOST:
            raise UsageError(f"beam = {self.size}: from 1, which is greedy search, to {MOST}")
        if not 0 <= self.penalty < float("inf"):
            raise UsageError(f"length penalty = {self.penalty}: 0 or more")
        if self.longest < 1:
            raise UsageError(f"longest = {self.longest}: at least 1 token")


@dataclass(frozen=True)
class Written:
    """Ids without beginning and end; their log-probability, that of the end included; whether the end was reached."""

    ids: tuple[int, ...]
    log_probability: float
    ended: bool

    def rank(self, penalty: float) -> float:
        """What it is ranked by; larger is better."""
        length = len(self.ids) + self.ended
        return self.log_probability / float(((5 + length) / 6) ** penalty)


@torch.no_grad()
def search(
    step: Step, state: Any, *, sentences: int, begin: int, end: int, never: Sequence[int], beam: Beam
) -> list[Written]:
    """The best text found for each of so many sentences, whose `state` a decoder has started.

    A text begins behind `begin` and stops in front of `end`; ids of `never` are not chosen. Each text that ends takes a
    place of the beam with it, so that a beam of 1 is greedy search (Bahdanau et al. 2015). What is found for a sentence
    does not depend on the others of the batch, but for rounding.
    """
    searched = [_Sentence() for _ in range(sentences)]
    device = next(tensors(state)).device
    while writing := [sentence for sentence in searched if sentence.writing]:
        last = [text.ids[-1] if text.ids else begin for sentence in writing for text in sentence.writing]
        state, scores_RV = step(state, torch.tensor(last, device=device))
        scores_RV[:, list(never)] = -torch.inf
        likeliest = scores_RV.log_softmax(dim=-1).topk(min(beam.size, scores_RV.shape[1]), dim=-1)
        found = [list(zip(*row, strict=True)) for row in zip(*map(Tensor.tolist, likeliest), strict=True)]
        kept: list[int] = []
        first = 0
        for sentence in writing:
            behind = first + len(sentence.writing)
            kept += [first + number for number in sentence.grow(found[first:behind], end=end, beam=beam)]
            first = behind
        rows = torch.tensor(kept, dtype=torch.int64, device=device)
        state = mapped(state, partial(torch.index_select, dim=0, index=rows))
    return [sentence.best(beam.penalty) for sentence in searched]


@dataclass
class _Sentence:
    """The texts that are still being written, those that ended, and those that were cut off."""

    writing: list[Written] = field(default_factory=lambda: [Written((), 0.0, False)])
    ended: list[Written] = field(default_factory=list)
    cut: list[Written] = field(default_factory=list)

    def grow(self, found: list[list[tuple[float, int]]], *, end: int, beam: Beam) -> list[int]:
        """Takes what was `found` for each text: log-probability and id of its likeliest next tokens.

        Returns the numbers of the texts, of those before, that the texts which are still being written go on from.
        """
        # Equal candidates keep the order of their texts and ids.
        candidates = sorted(
            (-text.log_probability - value, number, token)
            for number, text in enumerate(self.writing)
            for value, token in found[number]
            if value > -torch.inf
        )
        before, self.writing, numbers = self.writing, [], []
        for loss, number, token in candidates[: beam.size - len(self.ended)]:
            ids = before[number].ids
            if token == end:
                self.ended.append(Written(ids, -loss, True))
            elif len(ids) + 1 == beam.longest:
                self.cut.append(Written((*ids, token), -loss, False))
            else:
                self.writing.append(Written((*ids, token), -loss, False))
                numbers.append(number)
        return numbers

    def best(self, penalty: float) -> Written:
        return max(self.ended or self.cut, key=lambda text: text.rank(penalty))
