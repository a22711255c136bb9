"""Sentence pairs by one encoder that reads each sentence by itself."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch, batch_of
from tandem.data.frame import BARE, Frame
from tandem.data.pair_rows import TwoRows
from tandem.data.paired import Paired
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.nn.encoder import Encoder
from tandem.nn.pair_heads import CosineHead, Scale, SiameseHead
from tandem.nn.pooling import PoolingKind, natural_pooling
from tandem.objectives.base import MEAN_SCORE, Objective, Outcome, agreement, bert_frame, fit, guessed, judged
from tandem.text.tokenizer import Tokenizer


class Siamese(Objective):
    """Two sentences are read apart, and their vectors tell the class of the pair, or how alike they are.

    Reads: pairs with a class or a score, each text cut after `data.length` positions; with `framed` it stands between
    [CLS] and [SEP], as an encoder expects it that has learnt from such rows: the default where it comes from one.
    Head: one vector for each text by `pooling`, u and v (`auto`: the first position where attention without a window
    lets it see everything in every branch, and else the mean). Classes: `dropout` and a linear layer over u, v and
    |u - v|, with `product` over u * v too. Scores: none, the cosine of u and v.
    Loss: cross-entropy in nats per pair; or the squared difference between the cosine and the score, of which 0 is the
    lowest of the train split and 1 the highest.
    Scores: that loss. Of classes the share of pairs that get theirs, and the mean F1; of scores Pearson's and
    Spearman's correlation, and the share of pairs that are told to within a tenth of the scale.
    Source: Reimers and Gurevych 2019, Sentence-BERT.
    """

    sees: Sees = "both"
    unit = "nats per pair"
    guess = "majority"
    kinds: tuple[CorpusKind, ...] = ("pair", "score")
    asks: Asks = "pair"
    best_by = "accuracy"
    tabled = ("macro F1", "Spearman", "Pearson")

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        pooling: Literal["auto", PoolingKind] = "mean",
        product: bool = False,
        dropout: float = 0.1,
        framed: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        if not 0 <= dropout < 1:
            raise UsageError(f"objective.dropout = {dropout}: a share of at least 0 and below 1")
        self.pooling, self.product, self.dropout = pooling, product, dropout
        self.form = TwoRows(bert_frame(tokenizer) if framed else BARE)
        if not labels:
            self.unit, self.guess, self.best_by = "squared difference per pair", MEAN_SCORE, "Spearman"

    @property
    def frame(self) -> Frame:
        return self.form.frame

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Paired(store, split, form=self.form, length=length)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        return batch_of(rows)

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> SiameseHead | CosineHead:  # noqa: ARG002
        return self._head(width, "mean" if self.pooling == "auto" else self.pooling)

    def head_for(self, encoder: Encoder, *, epsilon: float) -> SiameseHead | CosineHead:  # noqa: ARG002
        return self._head(encoder.width, natural_pooling(encoder.layout) if self.pooling == "auto" else self.pooling)

    def _head(self, width: int, pooling: PoolingKind) -> SiameseHead | CosineHead:
        if not self.labels:
            return CosineHead(width, pooling=pooling)
        return SiameseHead(width, classes=len(self.labels), pooling=pooling, product=self.product, dropout=self.dropout)

    def scale(self, head: nn.Module) -> Scale | None:
        """Between what the scores lie; None where the model tells classes."""
        assert isinstance(head, SiameseHead | CosineHead)
        return head.scale

    def settle(self, head: nn.Module, store: Store) -> None:
        fit(self.scale(head), store)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, SiameseHead | CosineHead)
        return float(head.flops(length))

    def pair_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Tensor:
        """Unnormalised scores of every class, (C, K), or shares of the way along the scale, (C,)."""
        scores: Tensor = head(hidden, batch.mask)
        return scores

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        return judged(self.pair_scores(head, hidden, batch), batch, scale=self.scale(head))

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        return guessed(store, batch)

    def scores(
        self,
        gold: NDArray[np.generic],
        predicted: NDArray[np.generic],
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> dict[str, float]:
        return agreement(gold, predicted)
