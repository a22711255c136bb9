"""Traps that make scores look better than they are, looked for in the model itself."""

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.lab.folder import OpenRun
from tandem.lab.reading import source_of
from tandem.nn.model import Model
from tandem.nn.positions import end_of_positions
from tandem.objectives.base import Objective
from tandem.train.carried import hidden_states

PROBED = 8
"""Sequences; the shortest and the longest of the first 256 are among them."""
MORE_PADDING = 3
TOLERANCE = 1e-5
"""In nats for each prediction. Models are probed in double precision, but losses are summed in float32, whose rounding
moves them by 1e-7 or so."""


@dataclass(frozen=True)
class Probe:
    """What was asked, and by how much the loss moved that must not move, in nats for each prediction."""

    question: str
    moved: float

    @property
    def holds(self) -> bool:
        """Whether it stayed where it was."""
        return self.moved <= TOLERANCE

    def sentence(self) -> str:
        """The answer in words."""
        return f"{self.question}: {'no' if self.holds else f'YES, by {self.moved:.2g} nats for each prediction'}"


def probe_run(run: OpenRun) -> list[Probe]:
    """All probes that apply to a finished run, on sequences of its training text.

    Raises:
        ArtifactError: the text has changed since the run. DataError: it is gone.
    """
    return probes(run.model, run.objective, source_of(run.objective, run.store(), "train", run.recipe))


def probes(model: Model, objective: Objective, source: Source) -> list[Probe]:
    """All probes that apply to a model, on sequences of `source`."""
    exact = copy.deepcopy(model).cpu().double().eval()
    found = [padding_probe(exact, objective, source)]
    if "past" in (objective.sees, objective.usually):
        found.append(causality_probe(exact, objective, source))
    return found


@torch.no_grad()
def padding_probe(model: Model, objective: Objective, source: Source) -> Probe:
    """Does the loss of a sequence change when padding stands behind it, or other sequences are read beside it?"""
    sequences, end = _probed(source), end_of_positions(model)
    together, count = _loss(model, objective, source.rows(sequences, key=0))
    moved, sum_alone = 0.0, 0.0
    for number in range(len(sequences)):
        rows = source.rows(sequences[number : number + 1], key=0)
        sum_alone += _loss(model, objective, rows)[0]
        if end is not None:
            # Learned positions have no room behind a row that is as long as they are.
            rows = _resized(rows, min(rows.ids.shape[1], max(1, end - MORE_PADDING)))
        wider = rows.ids.shape[1] + MORE_PADDING
        alone, told = _loss(model, objective, rows)
        padded, _ = _loss(model, objective, _resized(rows, wider if end is None else min(wider, end)))
        moved = max(moved, abs(padded - alone) / max(1, told))
    return Probe("does padding change what a model says", max(moved, abs(together - sum_alone) / max(1, count)))


@torch.no_grad()
def causality_probe(model: Model, objective: Objective, source: Source) -> Probe:
    """Does what is said of a token depend on that token or on those behind it?

    The tokens of a sequence are exchanged from place t on. The answers up to and about place t, scored against the
    tokens that stood there, must stay the same. So a look ahead is found in the encoder, and also in how text becomes a
    batch. Only for objectives that see the past, always or by turns.
    """
    moved = 0.0
    for sequence in _probed(source):
        rows = source.rows(np.array([sequence]), key=0)
        length = int(rows.mask.sum())
        for place in sorted({1, length // 2, length - 1} & set(range(1, length))):
            moved = max(moved, _moved_by_what_follows(model, objective, rows, place))
    return Probe("does an answer depend on what stands behind it", moved)


def _moved_by_what_follows(model: Model, objective: Objective, rows: Rows, place: int) -> float:
    exchanged = replace(rows, ids=_exchanged(rows, objective, place))
    cut = replace(rows, ids=rows.ids[:, :place], mask=rows.mask[:, :place])
    before, after, prefix = (objective.collate(each, key=0) for each in (rows, exchanged, cut))
    assert before.places is not None
    assert before.labels is not None
    assert prefix.places is not None
    # What the beginning tells of itself, and the first token behind it.
    told = len(prefix.places) + 1
    places, labels = before.places[:told], before.labels[:told]
    losses = [
        objective.loss(
            model.head, hidden_states(model, batch, None), replace(batch, places=places, labels=labels)
        ).loss_sum
        for batch in (before, after)
    ]
    return abs(float(losses[0] - losses[1])) / told


def _exchanged(rows: Rows, objective: Objective, place: int) -> NDArray[np.int64]:
    """The ids of one row with another token at every place from `place` on."""
    words = np.setdiff1d(np.arange(objective.tokenizer.size), objective.tokenizer.special_ids)
    ids = rows.ids.copy()
    ids[:, place:] = words[(np.searchsorted(words, ids[:, place:]) + 1) % len(words)]
    return ids


def _resized(rows: Rows, length: int) -> Rows:
    """The same rows cut after `length` positions, or with padding behind them up to there."""
    more = max(0, length - rows.ids.shape[1])
    resized = {
        name: np.pad(value[:, :length], ((0, 0), (0, more)), constant_values=-1 if name == "tags" else 0)
        for name, value in vars(rows).items()
        if value is not None and value.shape == rows.ids.shape and name != "seconds"
    }
    return replace(rows, **resized)


def _probed(source: Source) -> NDArray[np.int64]:
    """Up to 8 sequences of unequal lengths."""
    first = np.arange(min(len(source), 256))
    by_length = first[np.argsort(source.lengths(first), kind="stable")]
    chosen: NDArray[np.int64] = by_length[np.unique(np.linspace(0, len(by_length) - 1, PROBED).astype(int))]
    return chosen


def _loss(model: Model, objective: Objective, rows: Rows) -> tuple[float, int]:
    """The summed loss, all its terms together, and over how many predictions."""
    batch = objective.collate(rows, key=0)
    outcome = objective.loss(model.head, hidden_states(model, batch, None), batch)
    terms = (outcome, *outcome.also.values())
    return sum(float(term.loss_sum) for term in terms), sum(term.count for term in terms)
