"""Translation, and any other task from one sequence to another."""

import math

import numpy as np
import torch
from torch import nn

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.errors import UsageError
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.data.translations import Translations
from tandem.metrics.unigram import unigram_loss
from tandem.nn.decoder import build_decoder
from tandem.nn.defaults import Defaults
from tandem.nn.encoder import Encoder
from tandem.nn.translation_head import TranslationHead
from tandem.objectives.base import Objective, Outcome, told
from tandem.text.tokenizer import Tokenizer


class Translate(Objective):
    """A decoder tells a translation, token by token, from what the encoder says about the text.

    Reads: texts with their translations, as they stand; a pair is left out where one of them has more than
    `data.length` tokens. In training the decoder reads the right translation, a position behind: [CLS] stands in front,
    and [SEP] behind must be told too. With `sampling` it reads its own guess in the place of that share of the tokens
    (Bengio et al. 2015, scheduled sampling; the share does not grow along the training as theirs does).
    Head: the `decoder`, an expression such as `recurrent[cell=lstm,attention=dot]*2` or `transformer*3`, and scores
    over the target's vocabulary, `tied` to its embedding. The embedding is `shared` with the encoder where both sides
    have one tokenizer, unless that says no.
    Loss: cross-entropy in nats per token of the translation, its end included; in training `smoothing` moves that share
    of the target evenly to all tokens.
    Scores: that loss, also as perplexity, and the share of tokens that the likeliest guess gets right. How good whole
    translations are, says a search: `tandem evaluate`.
    Source: Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015; Vaswani et al. 2017.
    """

    sees: Sees = "both"
    unit = "nats per target token"
    kinds: tuple[CorpusKind, ...] = ("translation",)
    asks: Asks = "translation"
    texts = 2

    def __init__(
        self,
        tokenizer: Tokenizer,
        labels: tuple[str, ...] = (),
        target_tokenizer: Tokenizer | None = None,
        *,
        decoder: str = "recurrent",
        smoothing: float = 0.0,
        sampling: float = 0.0,
        tied: bool = True,
        shared: bool | None = None,
    ) -> None:
        super().__init__(tokenizer, labels)
        for name, share in (("smoothing", smoothing), ("sampling", sampling)):
            if not 0 <= share < 1:
                raise UsageError(f"objective.{name} = {share}: a share of at least 0 and below 1")
        if shared and target_tokenizer is not None:
            raise UsageError("objective.shared: two tokenizers have two embeddings; leave out one of both")
        self.target_tokenizer = target_tokenizer or tokenizer
        self.decoder, self.smoothing, self.sampling, self.tied = decoder, smoothing, sampling, tied
        self.shared = target_tokenizer is None if shared is None else shared
        self.begin, self.end = self.target_tokenizer.cls_id, self.target_tokenizer.sep_id

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:  # noqa: ARG002
        return Translations(store, split, length=length)

    def collate(self, rows: Rows, *, key: int) -> Batch:  # noqa: ARG002
        assert rows.seconds is not None
        edge = np.zeros((len(rows.seconds), 1), dtype=np.int64)
        labels = np.concatenate([rows.seconds, edge], axis=1)
        labels[np.arange(len(labels)), np.count_nonzero(labels, axis=1)] = self.end
        places = np.flatnonzero(labels)
        return Batch(
            ids=torch.from_numpy(rows.ids),
            mask=torch.from_numpy(rows.mask),
            tokens=int(rows.mask.sum()) + len(places),
            places=torch.from_numpy(places),
            labels=torch.from_numpy(labels.reshape(-1)[places]),
            target_ids=torch.from_numpy(np.concatenate([edge + self.begin, rows.seconds], axis=1)),
        )

    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> TranslationHead:  # noqa: ARG002
        return self._head(embedding, Defaults(max_length=1, epsilon=epsilon))

    def head_for(self, encoder: Encoder, *, epsilon: float) -> TranslationHead:  # noqa: ARG002
        return self._head(encoder.embedding, encoder.defaults)

    def _head(self, embedding: nn.Embedding, defaults: Defaults) -> TranslationHead:
        if not self.shared:
            width = embedding.embedding_dim
            embedding = nn.Embedding(self.target_tokenizer.size, width)
            nn.init.normal_(embedding.weight, std=width**-0.5)
        decoder = build_decoder(self.decoder, embedding, defaults)
        return TranslationHead(decoder, tied=self.tied, epsilon=defaults.epsilon)

    def head_flops(self, head: nn.Module, length: int) -> float:
        assert isinstance(head, TranslationHead)
        return float(head.flops(length))

    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        assert batch.target_ids is not None
        assert batch.places is not None
        assert batch.labels is not None
        assert isinstance(head, TranslationHead)
        ids, smoothing = batch.target_ids, self.smoothing if head.training else 0.0
        if head.training and self.sampling:
            gold = torch.rand(ids.shape, device=ids.device) >= self.sampling
            ids = head.guessed(hidden, batch.mask, ids, gold)
        return told(head(hidden, batch.mask, ids, batch.places), batch.labels, batch.rows, smoothing=smoothing)

    def baseline(self, store: Store, batch: Batch) -> Outcome:
        assert batch.labels is not None
        counts = store.second_counts.copy()
        counts[self.end] += store.meta["splits"]["train"]["examples"]
        loss, correct = unigram_loss(counts, batch.labels.numpy())
        return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.labels), correct)

    def measures(self, loss: float, store: Store, split: str, *, pack: Pack) -> dict[str, float]:  # noqa: ARG002
        return {"perplexity": math.exp(min(loss, 700.0))}
