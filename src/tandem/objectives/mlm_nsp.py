"""BERT's pre-training: masked language modelling and next sentence prediction."""

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.masking import Masking
from tandem.data.pair_rows import FRAME
from tandem.data.rows import Rows
from tandem.data.sentence_pairs import ANSWERS, FOLLOWS, SentencePairs
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.metrics.unigram import unigram_loss
from tandem.nn.encoder import Encoder
from tandem.nn.heads import ClassHead, ComparisonHead, PretrainingHead, VocabularyHead
from tandem.nn.pooling import PoolingKind, natural_pooling
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class MlmNsp(Objective):
    """Some tokens of two texts are hidden and must be told, and whether the second text follows the first.

    Reads: `[CLS] a [SEP] b [SEP]`, b the text that follows a or one of another document, half of the time each; the
    texts have vectors of their own. `data.pack` plays no part. Of the tokens between the special ones a share `rate` is
    chosen; of these `masked` become the mask, `random` a random token, and the rest stay as they are.
    Head: scores over the vocabulary at the chosen positions, `tied` to the embedding, with BERT's `transform`. And
    scores of the two answers: `pooling`, a linear layer with tanh, a linear layer. `auto` pools [CLS], as BERT does,
    where attention without a window lets it see everything in every branch of the encoder, and else the mean. With
    `compare` each text is pooled by itself (`auto`: its mean), and the difference and the product of both are read too:
    a small model then needs fewer tokens to tell pairs, and more to tell words.
    Loss: cross-entropy in nats per chosen token, plus cross-entropy in nats per pair.
    Scores: each of these losses, and the share of chosen tokens, and of pairs, that are told right.
    Source: Devlin et al. 2019, BERT.
    """

    sees: Sees = "both"
    unit = "nats per masked token"
    tabled = ("nsp accuracy",)
    kinds: tuple[CorpusKind, ...] = ("text", "label")
    asks: Asks = "masks"
    hides = True
    segments = 2

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        *,
        rate: float = 0.15,
        masked: float = 0.8,
        random: float = 0.1,
        tied: bool = True,
        transform: bool = True,
        pooling: Literal["auto", PoolingKind] = "auto",
        compare: bool = False,
    ) -> None:
        super().__init__(tokenizer, labels)
        self.rate, self.tied, self.transform, self.pooling, self.compare = rate, tied, transform, pooling, compare
        self.masking = Masking(tokenizer.mask_id, tuple(tokenizer.special_ids), tokenizer.size, rate, masked, random)
        # Asked for here, so that a tokenizer without them is refused before a corpus is read.
        self.cls_id, self.sep_id = tokenizer.cls_id, tokenizer.sep_id

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return SentencePairs(store, split, length=length)

    def collate(self, rows: Rows, *, key: int) -> Batch:
        assert rows.segments is not None
        assert rows.targets is not None
        inputs, chosen = self.masking(rows.ids, rows.sequences, key)
        places = np.flatnonzero(chosen)
        return Batch(
            ids=torch.from_numpy(inputs),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(rows.ids.reshape(-1)[places]),
            segments=torch.from_numpy(rows.segments),
            classes=torch.from_numpy(rows.targets),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> PretrainingHead:
        return self._head(embedding, width, epsilon, "mean" if self.pooling == "auto" else self.pooling)

    def head_for(self, encoder: Encoder, *, epsilon: float) -> PretrainingHead:
        natural: PoolingKind = "mean" if self.compare else natural_pooling(encoder.layout)
        pooling = natural if self.pooling == "auto" else self.pooling
        return self._head(encoder.embedding, encoder.width, epsilon, pooling)

    def _head(self, embedding: nn.Embedding, width: int, epsilon: float, pooling: PoolingKind) -> PretrainingHead:
        tokens = VocabularyHead(embedding, tied=self.tied, transform=self.transform, epsilon=epsilon)
        pair = (ComparisonHead if self.compare else ClassHead)(width, classes=len(ANSWERS), pooling=pooling)
        return PretrainingHead(tokens, pair)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, PretrainingHead)
        return self.rate * head.tokens.flops(length - FRAME) + head.pair.flops(length)

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.places is not None
        assert batch.labels is not None
        assert batch.classes is not None
        assert isinstance(head, PretrainingHead)
        if isinstance(head.pair, ComparisonHead):
            assert batch.segments is not None
            pair_scores = head.pair(hidden, batch.mask, batch.segments)
        else:
            pair_scores = head.pair(hidden, batch.mask)
        tokens = told(head(hidden.flatten(0, 1)[batch.places]), batch.labels, batch.rows)
        return replace(tokens, also={"nsp": told(pair_scores, batch.classes)})

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        assert batch.classes is not None
        # A special token is never hidden, so the best guess gives it no probability.
        counts = store.counts.copy()
        counts[self.tokenizer.special_ids] = 0
        loss, correct = unigram_loss(counts, batch.labels.numpy())
        num_pairs = len(batch.classes)
        pairs = Outcome(torch.tensor(num_pairs * math.log(2)), num_pairs, (batch.classes == FOLLOWS).sum())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct, {"nsp": pairs})
