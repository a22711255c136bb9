"""Text classification."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch, batch_of
from tandem.data.frame import BARE, Frame
from tandem.data.labelled import Labelled
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.metrics.classes import macro_f1
from tandem.nn.heads import ClassHead
from tandem.nn.pooling import PoolingKind
from tandem.objectives.base import Objective, Outcome, bert_frame, chosen, guessed
from tandem.text.tokenizer import Tokenizer


class Classify(Objective):
    """A whole text is told its class.

    Reads: texts with a class, each cut after `data.length` positions; with `framed` a text stands between [CLS] and
    [SEP], as an encoder expects it that has learnt from such rows: the default where it comes from one (`init`).
    Head: one vector for the text by `pooling`, `dropout`, and a linear layer to the classes.
    Loss: cross-entropy in nats per text; `smoothing` moves that share of the target evenly to all classes.
    Scores: that loss, the share of texts that get their class, and the mean F1 of the classes.
    Source: Kim 2014, Convolutional neural networks for sentence classification; Yang et al. 2016 (attentive pooling).
    """

    sees: Sees = "both"
    unit = "nats per text"
    guess = "majority"
    kinds: tuple[CorpusKind, ...] = ("label",)
    asks: Asks = "classes"
    best_by = "accuracy"
    tabled = ("macro F1",)

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        pooling: PoolingKind = "mean",
        dropout: float = 0.1,
        smoothing: float = 0.0,
        framed: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        for name, share in (("dropout", dropout), ("smoothing", smoothing)):
            if not 0 <= share < 1:
                raise UsageError(f"objective.{name} = {share}: a share of at least 0 and below 1")
        self.pooling, self.dropout, self.smoothing, self.framed = pooling, dropout, smoothing, framed

    @property
    def frame(self) -> Frame:
        return bert_frame(self.tokenizer) if self.framed else BARE

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Labelled(store, split, length=length, frame=self.frame)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        return batch_of(rows)

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> ClassHead:  # noqa: ARG002
        return ClassHead(width, classes=len(self.labels), pooling=self.pooling, transform=False, dropout=self.dropout)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, ClassHead)
        return float(head.flops(length))

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.classes is not None
        smoothing = self.smoothing if head.training else 0.0
        return chosen(head(hidden, batch.mask), batch.classes, smoothing=smoothing)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        return guessed(store, batch)

    def scores(
        self,
        gold: NDArray[np.generic],
        predicted: NDArray[np.generic],
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> dict[str, float]:
        return {"macro F1": macro_f1(gold, predicted)}
