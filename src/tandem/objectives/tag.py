"""Tagging: a label for each word."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden, TagScores
from tandem.data.batch import Batch
from tandem.data.frame import BARE, Frame
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.spelling import Spelling
from tandem.data.store import Store
from tandem.data.tagged import Tagged
from tandem.metrics.classes import macro_f1, majority_loss
from tandem.metrics.spans import marks_spans, span_scores, total
from tandem.nn.tag_head import TagHead
from tandem.objectives.base import Objective, Outcome, bert_frame, told
from tandem.text.tokenizer import Tokenizer

LETTERS = 5
"""About so many letters has a word of English running text, for what the head costs."""


class Tag(Objective):
    """Every word is told its tag: its part of speech, or its part in a name.

    Reads: texts with a tag for each word, each cut after `data.length` positions; with `framed` a text stands between
    [CLS] and [SEP], as an encoder expects it that has learnt from such rows: the default where it comes from one. A
    word is scored at its first token; the others are read and not scored.
    Head: `dropout` and a linear layer to the tags. With `characters` = n, n filters of a convolution over the word's
    letters stand beside the hidden state. They are joined behind the encoder and not in front of it, so that every
    encoder takes them, one whose weights come from another run too.
    Loss: cross-entropy in nats per word.
    Scores: that loss, and the share of words that get their tag. Where the tags mark names (`O`, `B-X`, `I-X`),
    precision, recall and F1 of whole names, as conlleval counts them; else the mean F1 of the tags.
    Source: Ma and Hovy 2016, End-to-end sequence labeling (without the CRF); Devlin et al. 2019 (the first token).
    """

    sees: Sees = "both"
    unit = "nats per word"
    guess = "majority"
    kinds: tuple[CorpusKind, ...] = ("tags",)
    asks: Asks = "tags"
    tabled = ("entity F1",)

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        dropout: float = 0.1,
        characters: int = 0,
        framed: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        if not 0 <= dropout < 1:
            raise UsageError(f"objective.dropout = {dropout}: a share of at least 0 and below 1")
        if characters < 0:
            raise UsageError(f"objective.characters = {characters}: a number of filters, or 0 for none")
        self.dropout, self.characters, self.framed = dropout, characters, framed
        self.spelling = Spelling(tokenizer) if characters else None
        self.marks_spans = marks_spans(labels)
        self.best_by = "entity F1" if self.marks_spans else "accuracy"

    @property
    def frame(self) -> Frame:
        return bert_frame(self.tokenizer) if self.framed else BARE

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Tagged(store, split, length=length, frame=self.frame)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        assert rows.tags is not None
        begins = rows.tags >= 0
        places = np.flatnonzero(begins)
        return Batch(
            ids=torch.from_numpy(rows.ids),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.tags.reshape(-1)[places]),
            letters=None
            if self.spelling is None
            else torch.from_numpy(self.spelling.words(rows.ids, begins, rows.mask)),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> TagHead:  # noqa: ARG002
        letters = 0 if self.spelling is None else self.spelling.size
        return TagHead(width, tags=len(self.labels), dropout=self.dropout, letters=letters, filters=self.characters)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, TagHead)
        return float(head.flops(length, letters=LETTERS))

    def tag_scores(self, head: nn.Module, hidden: Hidden, batch: Batch) -> TagScores:
        """Unnormalised scores (N, K) in float32 of the tags of every word of the batch, row by row."""
        scores_NK: TagScores = head(hidden.flatten(0, 1)[batch.places], batch.letters).float()
        return scores_NK

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.labels is not None
        assert batch.places is not None
        scores_NK = self.tag_scores(head, hidden, batch)
        probability, predicted = scores_NK.detach().softmax(dim=-1).max(dim=-1)
        outcome = told(scores_NK, batch.labels, batch.rows)
        return replace(outcome, gold=batch.labels, predicted=predicted, probability=probability)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        loss, correct = majority_loss(store.target_counts, batch.labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct)

    def scores(
        self, gold: NDArray[np.generic], predicted: NDArray[np.generic], rows: NDArray[np.int64]
    ) -> dict[str, float]:
        if not self.marks_spans:
            return {"macro F1": macro_f1(gold, predicted)}
        names = np.array(self.labels, dtype=object)
        found = total(span_scores(names[gold].tolist(), names[predicted].tolist(), rows.tolist()).values())
        return {"entity F1": found.f1, "entity precision": found.precision, "entity recall": found.recall}
