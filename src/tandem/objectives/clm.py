"""Causal language modelling."""

import math

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Asks, Pack, Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.rows import Rows, moved
from tandem.data.source import Source
from tandem.data.spans import RunningText
from tandem.data.store import Store
from tandem.metrics.bits import bits
from tandem.metrics.unigram import unigram_loss
from tandem.nn.heads import VocabularyHead
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class Clm(Objective):
    """Every token must be told from those before it.

    Reads: running text, a position behind: [CLS] stands in front, and where `data.pack` is `examples` and the whole
    example fits, [SEP] behind must be told too. With `carry` each row of a batch goes on where the one before it
    stopped, and the state goes on with it: truncated backpropagation through time, for encoders whose state does not
    grow. What stands in front of a row is then the last token of the row before.
    Head: scores over the vocabulary, at every position; `tied` to the embedding, with BERT's `transform` if asked for.
    Loss: cross-entropy in nats per token.
    Scores: that loss as perplexity and, but for `examples`, as bits per character and per byte of the text; the share
    of tokens that the likeliest guess gets right.
    Source: Mikolov et al. 2010, Recurrent neural network based language model; Radford et al. 2018.
    """

    sees: Sees = "past"
    unit = "nats per token"
    tabled = ("perplexity", "bits per character")
    asks: Asks = "next"

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        carry: bool = False,
        tied: bool = True,
        transform: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        self.begin = tokenizer.cls_id
        self.carry, self.tied, self.transform = carry, tied, transform

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:
        end = self.tokenizer.sep_id if pack == "examples" else None
        return RunningText(store, split, pack=pack, length=length, end=end)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        places = np.flatnonzero(rows.mask)
        return Batch(
            ids=torch.from_numpy(moved(rows, rows.ids, self.begin)),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.ids.reshape(-1)[places]),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> VocabularyHead:  # noqa: ARG002
        return VocabularyHead(embedding, tied=self.tied, transform=self.transform, epsilon=epsilon)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, VocabularyHead)
        return float(head.flops(length))

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.places is not None
        assert batch.labels is not None
        return told(head(hidden.flatten(0, 1)[batch.places]), batch.labels, batch.rows)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        loss, correct = unigram_loss(store.counts, batch.labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct)

    def measures(self, loss: float, store: Store, split: str, *, pack: Pack) -> dict[str, float]:
        counted = store.meta["splits"][split]
        perplexity = {"perplexity": math.exp(min(loss, 700.0))}
        if pack == "examples":
            # The mean is over ends of examples too, and what is beyond `data.length` is not read.
            return perplexity
        return perplexity | {
            "bits per character": bits(loss, tokens=counted["tokens"], units=counted["characters"]),
            "bits per byte": bits(loss, tokens=counted["tokens"], units=counted["bytes"]),
        }
