"""Language modelling both ways."""

import math
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Pack, Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.data.store import Store
from tandem.metrics.unigram import unigram_loss
from tandem.nn.heads import VocabularyHead
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class Bilm(Objective):
    """A token is told from those before it by one body, and from those behind it by another.

    Reads: running text as it stands. Of every two neighbours, the second is told from the left and the first from the
    right; nothing is told of the token at the edge of a sequence, where its side is empty.
    Head: scores over the vocabulary, at every position; one head and one embedding for both directions, `tied` to each
    other, with BERT's `transform` if asked for.
    Loss: cross-entropy in nats per token, that of reading forwards. That of reading backwards is the term `backward`,
    and their sum is minimised.
    Scores: both losses, the share of tokens that the likeliest guess gets right each way, and the perplexity of reading
    forwards.
    Source: Peters et al. 2018, Deep contextualized word representations, with word pieces in place of characters.
    """

    sees: Sees = "past"
    both_ways = True
    unit = "nats per token, read forwards"
    tabled = ("perplexity",)

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        tied: bool = True,
        transform: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        self.tied, self.transform = tied, transform

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        pairs = np.zeros_like(rows.mask)
        pairs[:, :-1] = rows.mask[:, 1:]
        places = np.flatnonzero(pairs)
        return Batch(
            ids=torch.from_numpy(rows.ids),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.ids.reshape(-1)[places + 1]),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> VocabularyHead:  # noqa: ARG002
        return VocabularyHead(embedding, tied=self.tied, transform=self.transform, epsilon=epsilon)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, VocabularyHead)
        return 2.0 * head.flops(length - 1)

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.places is not None
        assert batch.labels is not None
        ahead, behind = hidden.flatten(0, 1).chunk(2, dim=-1)
        forward = told(head(ahead[batch.places]), batch.labels, batch.rows)
        backward = told(head(behind[batch.places + 1]), batch.ids.flatten()[batch.places])
        return replace(forward, also={"backward": backward})

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        loss, correct = unigram_loss(store.counts, batch.labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct)

    def measures(self, loss: float, store: Store, split: str, *, pack: Pack) -> dict[str, float]:  # noqa: ARG002
        return {"perplexity": math.exp(min(loss, 700.0))}
