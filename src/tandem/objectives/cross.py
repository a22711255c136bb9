"""Sentence pairs by an encoder that reads both sentences at once."""

from typing import Literal

from torch import Tensor, nn

from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.pair_rows import OneRow
from tandem.nn.alignment_head import AlignmentHead
from tandem.nn.encoder import Encoder
from tandem.nn.heads import ClassHead, ComparisonHead
from tandem.nn.pair_heads import CrossHead, RowHead
from tandem.nn.pooling import PoolingKind, natural_pooling
from tandem.objectives.pair_base import PairObjective
from tandem.text.tokenizer import Tokenizer


class Cross(PairObjective):
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

    segments = 2

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
        super().__init__(tokenizer, labels, OneRow(tokenizer.cls_id, tokenizer.sep_id), dropout)
        if compare and align:
            raise UsageError("objective.align = true compares the texts word by word; leave objective.compare out")
        self.pooling = pooling
        self.inner: type[RowHead] = AlignmentHead if align else ComparisonHead if compare else ClassHead

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> CrossHead:  # noqa: ARG002
        return self._head(width, "mean" if self.pooling == "auto" else self.pooling)

    def head_for(self, encoder: Encoder, *, epsilon: float) -> CrossHead:  # noqa: ARG002
        natural: PoolingKind = natural_pooling(encoder.layout) if self.inner is ClassHead else "mean"
        return self._head(encoder.width, natural if self.pooling == "auto" else self.pooling)

    def _head(self, width: int, pooling: PoolingKind) -> CrossHead:
        return CrossHead(width, inner=self.inner, classes=len(self.labels), pooling=pooling, dropout=self.dropout)

    def pair_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Tensor:
        assert batch.segments is not None
        scores: Tensor = head(hidden, batch.mask, batch.segments)
        return scores
