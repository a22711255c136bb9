"""Masked language modelling."""

from typing import Literal

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Asks, Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.masking import Masking
from tandem.data.rows import Rows
from tandem.data.store import Store
from tandem.metrics.unigram import unigram_loss
from tandem.nn.heads import VocabularyHead
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class Mlm(Objective):
    """Some tokens are hidden and must be told from the others.

    Reads: running text. A share `rate` of its tokens is chosen; of these `masked` become the mask, `random` a random
    token, and the rest stay as they are.
    Head: scores over the vocabulary, at the chosen positions only; `tied` to the embedding, with BERT's `transform`.
    Loss: cross-entropy in nats per chosen token.
    Scores: that loss, and the share of chosen tokens that the likeliest guess gets right.
    Source: Devlin et al. 2019, BERT.

    `scope = "all"` scores every position, as the founding notebook does: since 85 % of the answers then stand in the
    input, loss and accuracy look good and say nothing about language.
    """

    sees: Sees = "both"
    unit = "nats per masked token"
    asks: Asks = "masks"
    hides = True

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        rate: float = 0.15,
        masked: float = 0.8,
        random: float = 0.1,
        scope: Literal["masked", "all"] = "masked",
        tied: bool = True,
        transform: bool = True,
    ) -> None:
        super().__init__(tokenizer, labels)
        self.rate, self.scope, self.tied, self.transform = rate, scope, tied, transform
        self.share_read = rate if scope == "masked" else 1.0
        self.masking = Masking(tokenizer.mask_id, tuple(tokenizer.special_ids), tokenizer.size, rate, masked, random)

    def collate(self, rows: Rows, *, key: int) -> Batch:
        inputs, chosen = self.masking(rows.ids, rows.sequences, key)
        scored = rows.mask if self.scope == "all" else chosen
        places = np.flatnonzero(scored)
        return Batch(
            ids=torch.from_numpy(inputs),
            mask=torch.from_numpy(rows.mask),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.ids.reshape(-1)[places]),
            tokens=int(rows.mask.sum()),
            only_places=self.scope == "masked",
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> VocabularyHead:  # noqa: ARG002
        return VocabularyHead(embedding, tied=self.tied, transform=self.transform, epsilon=epsilon)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, VocabularyHead)
        return head.flops(length) * self.share_read

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.places is not None
        assert batch.labels is not None
        return told(head(hidden.flatten(0, 1)[batch.places]), batch.labels, batch.rows)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        counts = store.counts
        if self.scope == "masked":
            # A special token is never hidden, so the best guess gives it no probability.
            counts = counts.copy()
            counts[self.tokenizer.special_ids] = 0
        loss, correct = unigram_loss(counts, batch.labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct)
