"""Sentence pairs by an encoder that reads both sentences at once."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch, batch_of
from tandem.data.pair_rows import OneRow
from tandem.data.paired import Paired
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.nn.alignment_head import AlignmentHead
from tandem.nn.encoder import Encoder
from tandem.nn.heads import ClassHead, ComparisonHead
from tandem.nn.pair_heads import CrossHead, RowHead, Scale
from tandem.nn.pooling import PoolingKind, natural_pooling
from tandem.objectives.base import MEAN_SCORE, Objective, Outcome, agreement, fit, guessed, judged
from tandem.text.tokenizer import Tokenizer


class Cross(Objective):
    """Two sentences in one row tell the class of the pair, or how alike they are.

    Reads: `[CLS] a [SEP] b [SEP]` of pairs with a class or a score; the texts have vectors of their own. Of a pair that
    does not fit into `data.length` the longer text is cut first.
    Head: `pooling`, `dropout`, a linear layer with tanh, and a linear layer to the classes or to one score, of which
    the sigmoid is taken. `auto` pools [CLS], as BERT does, where attention without a window lets it see everything in
    every branch of the encoder, and else the mean. With `compare` each text is pooled by itself (`auto`: its mean), and
    the difference and the product of both are read too. With `align` every word is compared with what answers to it in
    the other text, before each text is pooled.
    Loss: cross-entropy in nats per pair; or the squared difference between what is told and the score, of which 0 is
    the lowest of the train split and 1 the highest.
    Scores: that loss. Of classes the share of pairs that get theirs, and the mean F1; of scores Pearson's and
    Spearman's correlation, and the share of pairs that are told to within a tenth of the scale.
    Source: Devlin et al. 2019, BERT; Conneau et al. 2017, InferSent (`compare`); Parikh et al. 2016, decomposable
    attention, and Chen et al. 2017, ESIM (`align`).
    """

    sees: Sees = "both"
    unit = "nats per pair"
    guess = "majority"
    kinds: tuple[CorpusKind, ...] = ("pair", "score")
    asks: Asks = "pair"
    segments = 2
    best_by = "accuracy"
    tabled = ("macro F1", "Spearman", "Pearson")

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        pooling: Literal["auto", PoolingKind] = "auto",
        compare: bool = False,
        align: bool = False,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(tokenizer, labels)
        if not 0 <= dropout < 1:
            raise UsageError(f"objective.dropout = {dropout}: a share of at least 0 and below 1")
        if compare and align:
            raise UsageError("objective.align = true compares the texts word by word; leave objective.compare out")
        self.pooling, self.dropout = pooling, dropout
        self.inner: type[RowHead] = AlignmentHead if align else ComparisonHead if compare else ClassHead
        self.form = OneRow(tokenizer.cls_id, tokenizer.sep_id)
        if not labels:
            self.unit, self.guess, self.best_by = "squared difference per pair", MEAN_SCORE, "Spearman"

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Paired(store, split, form=self.form, length=length)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        return batch_of(rows)

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> CrossHead:  # noqa: ARG002
        return self._head(width, "mean" if self.pooling == "auto" else self.pooling)

    def head_for(self, encoder: Encoder, *, epsilon: float) -> CrossHead:  # noqa: ARG002
        natural: PoolingKind = natural_pooling(encoder.layout) if self.inner is ClassHead else "mean"
        return self._head(encoder.width, natural if self.pooling == "auto" else self.pooling)

    def _head(self, width: int, pooling: PoolingKind) -> CrossHead:
        return CrossHead(width, inner=self.inner, classes=len(self.labels), pooling=pooling, dropout=self.dropout)

    def scale(self, head: nn.Module) -> Scale | None:
        """Between what the scores lie; None where the model tells classes."""
        assert isinstance(head, CrossHead)
        return head.scale

    def settle(self, head: nn.Module, store: Store) -> None:
        fit(self.scale(head), store)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, CrossHead)
        return float(head.flops(length))

    def pair_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Tensor:
        """Unnormalised scores of every class, (C, K), or shares of the way along the scale, (C,)."""
        assert batch.segments is not None
        scores: Tensor = head(hidden, batch.mask, batch.segments)
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
