"""What objectives of pairs share: what is read, what a head tells, and how that is judged."""

from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch, batch_of
from tandem.data.pair_rows import PairRows
from tandem.data.paired import Paired, train_scores
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.metrics.classes import macro_f1
from tandem.metrics.correlation import pearson, spearman
from tandem.nn.pair_heads import CosineHead, CrossHead, Scale, SiameseHead
from tandem.objectives.base import MEAN_SCORE, Objective, Outcome, chosen, guessed
from tandem.text.tokenizer import Tokenizer

CLOSE = 0.1


class PairObjective(Objective):
    """Two texts tell a class or, where there are no classes, a score; `form` says how they stand in a batch."""

    sees: Sees = "both"
    unit = "nats per pair"
    guess = "majority"
    kinds: tuple[CorpusKind, ...] = ("pair", "score")
    asks: Asks = "pair"
    best_by = "accuracy"
    tabled = ("macro F1", "Spearman", "Pearson")

    def __init__(self, tokenizer: Tokenizer, labels: tuple[str, ...], form: PairRows, dropout: float) -> None:
        super().__init__(tokenizer, labels)
        if not 0 <= dropout < 1:
            raise UsageError(f"objective.dropout = {dropout}: a share of at least 0 and below 1")
        self.form, self.dropout = form, dropout
        if not labels:
            self.unit, self.guess, self.best_by = "squared difference per pair", MEAN_SCORE, "Spearman"

    @abstractmethod
    def pair_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Tensor:
        """Unnormalised scores of every class, (C, K), or shares of the way along the scale, (C,)."""

    def scale(self, head: nn.Module) -> Scale | None:
        """Between what the scores lie; None where the model tells classes."""
        return _checked(head).scale

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Paired(store, split, form=self.form, length=length)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        return batch_of(rows)

    def settle(self, head: nn.Module, store: Store) -> None:
        scale = self.scale(head)
        if scale is not None:
            scale.ends.copy_(_ends(train_scores(store)))

    def head_flops(self, head: nn.Module, length: int) -> float:
        return float(_checked(head).flops(length))

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        scores, scale = self.pair_scores(head, hidden, batch), self.scale(head)
        if scale is None:
            assert batch.classes is not None
            return chosen(scores, batch.classes)
        assert batch.values is not None
        return estimated(scores, batch.values, scale.ends)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        if batch.values is None:
            return guessed(store, batch)
        scores = train_scores(store)
        mean = (scores.mean() - scores.min()) / np.ptp(scores)
        return estimated(torch.full_like(batch.values, mean), batch.values, _ends(scores))

    def scores(
        self,
        gold: NDArray[np.generic],
        predicted: NDArray[np.generic],
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> dict[str, float]:
        if self.labels:
            return {"macro F1": macro_f1(gold, predicted)}
        return {"Spearman": spearman(gold, predicted), "Pearson": pearson(gold, predicted)}


def estimated(shares: Tensor, values: Tensor, ends: Tensor) -> Outcome:
    """The squared error of `shares` (C,) of the way from one of `ends` (2,) to the other, against `values` (C,).

    It is measured on that way, so that it does not depend on the scale of the values. Right is what is less than a
    tenth of the way off. What is predicted is not held between the ends, as what a person is told is: equal values have
    no order, and correlations ask for it.
    """
    low, high = ends.float()
    errors = shares.float() - (values - low) / (high - low)
    losses, right = errors.square(), errors.detach().abs() < CLOSE
    predicted = low + (high - low) * shares.detach().float()
    return Outcome(
        losses.sum(), len(values), right.sum(), losses=losses.detach(), right=right, gold=values, predicted=predicted
    )


def _checked(head: nn.Module) -> SiameseHead | CosineHead | CrossHead:
    assert isinstance(head, SiameseHead | CosineHead | CrossHead)
    return head


def _ends(scores: NDArray[np.float64]) -> Tensor:
    return torch.tensor([scores.min(), scores.max()])
