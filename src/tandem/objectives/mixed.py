"""Masked and causal language modelling with one set of weights."""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Asks, Sees
from tandem.core.errors import UsageError
from tandem.core.seeds import derive, uniform
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.masking import Masking
from tandem.data.rows import Rows, moved
from tandem.data.store import Store
from tandem.metrics.unigram import unigram_loss
from tandem.nn.heads import VocabularyHead
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class Mixed(Objective):
    """One model that is causal for some sequences and sees both sides for others, where tokens are hidden.

    Reads: running text, a position behind: [CLS] stands in front. Of the sequences a share `causal` must not look ahead
    and tells every token. In the others a share `rate` of the tokens is chosen; of these `masked` become the mask,
    `random` a random token, the rest stay, and only these are told, from the position in front of them. So both kinds
    of sequence are asked the same way: what comes next?
    Head: scores over the vocabulary; `tied` to the embedding, with BERT's `transform` if asked for.
    Loss: cross-entropy in nats per token of the causal sequences, and as the term `masked` that of the chosen tokens;
    their sum is minimised.
    Scores: both losses, and the share of tokens that the likeliest guess gets right each way.
    Source: Charpentier and Samuel 2024, GPT or BERT: why not both?
    """

    sees: Sees = "both"
    usually: Sees = "past"
    unit = "nats per token, read causally"
    asks: Asks = "next"
    lead = 1
    hides = True

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        causal: float = 0.5,
        rate: float = 0.15,
        masked: float = 0.8,
        random: float = 0.1,
        tied: bool = True,
        transform: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        for name, share in (("causal", causal), ("rate", rate)):
            if not 0 < share < 1:
                raise UsageError(f"objective.{name} = {share}: a share above 0 and below 1")
        if not (masked >= 0 and random >= 0 and masked + random <= 1 + 1e-9):
            raise UsageError(
                f"objective.masked = {masked}, objective.random = {random}: shares of at least 0, together at most 1"
            )
        self.begin, self.causal, self.rate = tokenizer.cls_id, causal, rate
        self.tied, self.transform = tied, transform
        self.masking = Masking(tokenizer.mask_id, tuple(tokenizer.special_ids), tokenizer.size, rate, masked, random)

    def collate(self, rows: Rows, *, key: int) -> Batch:
        causal = uniform(derive(key, "causal"), rows.sequences) < self.causal
        hidden, chosen = self.masking(rows.ids, rows.sequences, key)
        inputs = np.where(causal[:, None], rows.ids, hidden)
        places = np.flatnonzero(np.where(causal[:, None], rows.mask, chosen & rows.mask))
        return Batch(
            ids=torch.from_numpy(moved(rows, inputs, self.begin)),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.ids.reshape(-1)[places]),
            causal=torch.from_numpy(causal),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> VocabularyHead:  # noqa: ARG002
        return VocabularyHead(embedding, tied=self.tied, transform=self.transform, epsilon=epsilon)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, VocabularyHead)
        return head.flops(length) * (self.causal + (1 - self.causal) * self.rate)

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.places is not None
        assert batch.labels is not None
        scores_NV, is_causal = head(hidden.flatten(0, 1)[batch.places]), _is_causal(batch)
        causal = told(scores_NV[is_causal], batch.labels[is_causal], batch.rows[is_causal])
        masked = told(scores_NV[~is_causal], batch.labels[~is_causal])
        return replace(causal, also={"masked": masked})

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        labels = batch.labels[_is_causal(batch)]
        loss, correct = unigram_loss(store.counts, labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(labels), correct)


def _is_causal(batch: Batch) -> torch.Tensor:
    """Which of the told tokens stand in rows that must not look ahead, (N,)."""
    assert batch.places is not None
    assert batch.causal is not None
    return batch.causal[batch.rows]
