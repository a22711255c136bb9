"""Held-out scores: the same masks at every call, for every architecture and every seed."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.core.config import Recipe
from tandem.core.errors import ArtifactError, DivergedError
from tandem.core.seeds import derive, permuted
from tandem.data.rows import gathered
from tandem.data.spans import spans
from tandem.data.store import Store
from tandem.data.stream import grouped
from tandem.lab.assemble import prepared
from tandem.lab.folder import OpenRun
from tandem.nn.model import Model
from tandem.objectives.base import Objective


@dataclass(frozen=True)
class Scores:
    """`loss` in the objective's unit and `accuracy`, over `count` predictions; the same for the unigram baseline."""

    loss: float
    accuracy: float
    unigram_loss: float
    unigram_accuracy: float
    count: int

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


@torch.no_grad()
def evaluate(
    model: Model, objective: Objective, store: Store, recipe: Recipe, *, split: str, at_most: int | None = None
) -> Scores:
    """The scores of `model` on a split, in float32 and without dropout.

    `at_most` limits the number of tokens to a fixed random choice of sequences.

    Raises:
        DataError: the split is empty. DivergedError: the loss is not finite.
    """
    pieces = spans(store, split, pack=recipe.data.pack, length=recipe.data.length)
    tokens, counts = store.split(split).tokens, store.counts
    key = derive(0, "evaluate", split)
    sums = np.zeros(4)
    count = 0
    model.eval()
    for sequences in grouped(_chosen(pieces, at_most), pieces, recipe.train.batch_tokens):
        batch = objective.collate(gathered(tokens, pieces, sequences), key=key)
        guess = objective.baseline(counts, batch)
        batch = batch.to(model.device)
        outcome = objective.loss(model.head, model.encoder(batch.ids, batch.mask), batch)
        sums += [float(outcome.loss_sum), float(outcome.correct), float(guess.loss_sum), float(guess.correct)]
        count += outcome.count
    loss, accuracy, unigram_loss, unigram_accuracy = (sums / max(1, count)).tolist()
    if not math.isfinite(loss):
        raise DivergedError(f"the loss on the {split} split is {loss}; lower optimiser.learning_rate")
    return Scores(loss, accuracy, unigram_loss, unigram_accuracy, count)


def evaluate_run(run: OpenRun, *, split: str, say: Callable[[str], None] = lambda _: None) -> Scores:
    """The scores of a finished run on a whole split.

    Raises:
        ArtifactError: the text has changed since the run, so that its tokens are others. And what `evaluate` raises.
    """
    store = prepared(run.recipe, say=say)
    if not run.folder.has_tokenizer(store.tokenizer):
        raise ArtifactError(f"{run.folder.path}: its tokenizer is not that of the corpus: the text has changed")
    return evaluate(run.model, run.objective, store, run.recipe, split=split)


def _chosen(pieces: NDArray[np.uint64], at_most: int | None) -> NDArray[np.int64]:
    everything = np.arange(len(pieces))
    if at_most is None:
        return everything
    shuffled = permuted(everything, len(pieces), derive(0, "evaluated"))
    sizes = np.cumsum(pieces[shuffled, 1] - pieces[shuffled, 0])
    return shuffled[: max(1, int(np.searchsorted(sizes, at_most)))]
