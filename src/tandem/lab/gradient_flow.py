"""How far gradients flow: the Jacobian of each output with respect to each input, against the distance between them."""

import copy
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.core.seeds import derive, permuted, uniform
from tandem.core.shapes import Hidden, TokenMask
from tandem.lab.folder import OpenRun
from tandem.lab.reading import source_of
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse

MOST_PROBES = 64
VOCABULARY = 1000


@dataclass(frozen=True)
class Flow:
    """The norm of d output_t / d input_s at each distance t - s.

    `distances` are in rising order; those below zero belong to inputs behind the output. `norms` are geometric means
    over all pairs of positions at that distance, then over samples; `lowest` and `highest` are the extremes of the
    samples. 0 where an output does not depend on the input.
    """

    name: str
    distances: tuple[int, ...]
    norms: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]

    def at(self, distance: int) -> float | None:
        """The norm at a distance; None beyond the longest."""
        return dict(zip(self.distances, self.norms, strict=True)).get(distance)

    @property
    def factor(self) -> float | None:
        """By how much the norm is multiplied for each token further back, from distance 1 to the longest, on average.

        None where there are fewer than two such distances.
        """
        first, last = self.at(1), self.distances[-1]
        if last < 2 or not first:
            return None
        return float((self.norms[-1] / first) ** (1 / (last - 1)))


def flow_of_fresh(expression: str, *, width: int, length: int, samples: int) -> Flow:
    """The gradient flow of new encoders that see the past: `samples` of them, each over random tokens of its own.

    Raises:
        UsageError: the expression is wrong, or a size that one of its parts cannot have.
    """
    _check(length, samples)
    norms = []
    for seed in range(samples):
        torch.manual_seed(derive(seed, "weights"))
        encoder = Encoder(
            parse(expression), vocabulary=VOCABULARY, width=width, sees="past", max_length=length, positions="rotary"
        ).double()
        drawn = (uniform(derive(seed, "gradient flow"), np.arange(length)) * VOCABULARY).astype(np.int64)
        norms.append(jacobian_norms(encoder.body, encoder.embedded(torch.from_numpy(drawn)[None]), seed=seed))
    return _flow(expression, norms)


def flow_of_run(run: OpenRun, *, length: int, samples: int, say: Callable[[str], None] = lambda _: None) -> Flow:
    """The gradient flow of a trained encoder over the first `length` tokens of `samples` sequences that validate.

    The sequences are a fixed choice among the longest, read as in training.

    Raises:
        UsageError: a number out of range. And what `OpenRun.store` raises.
    """
    _check(length, samples)
    source = source_of(run.objective, run.store(say=say), "validation", run.recipe)
    everything = np.arange(len(source))
    lengths = source.lengths(everything)
    longest = np.flatnonzero(lengths == lengths.max())
    chosen = longest[permuted(np.arange(min(samples, len(longest))), len(longest), derive(0, "gradient flow"))]
    encoder = copy.deepcopy(run.model.encoder).cpu().double().eval()
    norms = []
    for sequence in chosen:
        batch = run.objective.collate(source.rows(np.array([sequence]), key=0), key=0)
        # Of a pair in two rows the first; what stands behind its text is padding.
        own = slice(min(length, int(batch.mask[0].sum())))
        segments = None if batch.segments is None else batch.segments[:1, own]
        norms.append(jacobian_norms(encoder.body, encoder.embedded(batch.ids[:1, own], segments)))
    return _flow(f"{run.recipe.encoder}, trained ({run.folder.path.name})", norms)


def jacobian_norms(body: Callable[[Hidden, TokenMask], Hidden], inputs: Hidden, *, seed: int = 0) -> Tensor:
    """The Frobenius norms (T, T) of d output_t / d input_s, t in the first dimension, for inputs (1, T, D).

    |J|_F^2 is the sum of |J^T q|^2 over an orthonormal basis of the outputs. Up to 64 units that basis is complete, so
    the norm is exact; of a wider encoder 64 random orthonormal q are taken, and their sum is scaled by D / 64, which is
    right on average. (The first dimension of the batch holds the q: one backward pass serves all of them.)
    """
    length = inputs.shape[1]
    units = body(inputs, torch.ones(1, length, dtype=torch.bool)).shape[-1]
    probes_PD = _orthonormal(min(units, MOST_PROBES), units, seed).to(inputs)
    copies = inputs.detach().repeat(len(probes_PD), 1, 1).requires_grad_()
    outputs = body(copies, torch.ones(copies.shape[:2], dtype=torch.bool))
    rows = []
    for place in range(length):
        (gradient,) = torch.autograd.grad(outputs[:, place], copies, probes_PD, retain_graph=place + 1 < length)
        rows.append(gradient.square().sum(dim=(0, 2)))
    return (torch.stack(rows) * (units / len(probes_PD))).sqrt()


def by_distance(norms_TT: Tensor) -> dict[int, float]:
    """The geometric mean of the norms at each distance t - s, the ends of the text included."""
    length = len(norms_TT)
    return {
        distance: math.exp(norms_TT.diagonal(-distance).double().log().mean()) for distance in range(1 - length, length)
    }


def _check(length: int, samples: int) -> None:
    if length < 2 or samples < 1:
        raise UsageError(f"length = {length}, samples = {samples}: at least 2 tokens and 1 sample")


def _flow(name: str, norms: Iterable[Tensor]) -> Flow:
    found = [by_distance(norms_TT) for norms_TT in norms]
    # Outputs of a model that sees the past know nothing of later inputs.
    shared = set[int].intersection(*map(set, found))
    distances = tuple(sorted(d for d in shared if d >= 0 or any(sample[d] for sample in found)))
    columns = [[sample[distance] for sample in found] for distance in distances]
    return Flow(
        name,
        distances,
        tuple(math.exp(fmean(map(_log, column))) for column in columns),
        tuple(map(min, columns)),
        tuple(map(max, columns)),
    )


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _orthonormal(rows: int, units: int, seed: int) -> Tensor:
    """`rows` orthonormal vectors of `units` numbers in random directions; a whole basis if they are as many."""
    if rows == units:
        return torch.eye(units, dtype=torch.float64)
    generator = torch.Generator().manual_seed(derive(seed, "probes"))
    drawn = torch.randn(units, rows, generator=generator, dtype=torch.float64)
    basis: Tensor = torch.linalg.qr(drawn).Q
    return basis.T
