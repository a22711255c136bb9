"""Sentence pairs by one encoder that reads each sentence by itself."""

from typing import Literal

from torch import Tensor, nn

from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.frame import BARE, Frame
from tandem.data.pair_rows import TwoRows
from tandem.nn.encoder import Encoder
from tandem.nn.pair_heads import CosineHead, SiameseHead
from tandem.nn.pooling import PoolingKind, natural_pooling
from tandem.objectives.base import bert_frame
from tandem.objectives.pair_base import PairObjective
from tandem.text.tokenizer import Tokenizer


class Siamese(PairObjective):
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
        self._frame = bert_frame(tokenizer) if framed else BARE
        super().__init__(tokenizer, labels, TwoRows(self._frame), dropout)
        self.pooling, self.product = pooling, product

    @property
    def frame(self) -> Frame:
        return self._frame

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> SiameseHead | CosineHead:  # noqa: ARG002
        return self._head(width, "mean" if self.pooling == "auto" else self.pooling)

    def head_for(self, encoder: Encoder, *, epsilon: float) -> SiameseHead | CosineHead:  # noqa: ARG002
        return self._head(encoder.width, natural_pooling(encoder.layout) if self.pooling == "auto" else self.pooling)

    def _head(self, width: int, pooling: PoolingKind) -> SiameseHead | CosineHead:
        if not self.labels:
            return CosineHead(width, pooling=pooling)
        return SiameseHead(width, classes=len(self.labels), pooling=pooling, product=self.product, dropout=self.dropout)

    def pair_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Tensor:
        scores: Tensor = head(hidden, batch.mask)
        return scores
