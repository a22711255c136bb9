"""The contract of an objective: the only place where text meets nn."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.choices import Asks, CorpusKind, Pack, Sees
from tandem.core.shapes import Hidden
from tandem.data.batch import Batch
from tandem.data.frame import BARE, Frame
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.spans import RunningText
from tandem.data.store import Store
from tandem.metrics.classes import majority_loss
from tandem.nn.encoder import Encoder
from tandem.nn.model import Model
from tandem.text.tokenizer import Tokenizer

MEAN_SCORE = "mean score"
"""The name of the baseline where scores are told."""


def accuracy_name(guess: str) -> str:
    """What the share of right answers is called beside this baseline: of scores, it is of those that come near."""
    return "within a tenth" if guess == MEAN_SCORE else "accuracy"


@dataclass(frozen=True)
class Outcome:
    """The summed loss of a batch, a scalar tensor; over how many predictions; how many of them were right.

    `also` holds further terms of the loss by name. `gold` and `predicted` (N,) are what was to be said and what was
    said, where an objective's scores need every single answer: numbers of classes, or values. Where it is known,
    `probability` (N,) is what the model gave to what it said. `losses` (N,) and `right` (N,) are each prediction's own;
    None where only their sums are known. `rows` (N,) holds the row of the batch that each of all these is about; None
    stands for one to each row.
    """

    loss_sum: Tensor
    count: int
    correct: Tensor | int
    also: dict[str, "Outcome"] = field(default_factory=dict)
    gold: Tensor | None = None
    predicted: Tensor | None = None
    probability: Tensor | None = None
    losses: Tensor | None = None
    right: Tensor | None = None
    rows: Tensor | None = None

    @property
    def loss(self) -> Tensor:
        """What is minimised: the mean over predictions of each term, added up."""
        return self.own_loss + sum(term.loss for term in self.also.values()) if self.also else self.own_loss

    @property
    def own_loss(self) -> Tensor:
        """The mean over predictions, without the further terms."""
        return self.loss_sum / max(1, self.count)

    @property
    def accuracy(self) -> float:
        """The share of predictions that were right."""
        return float(self.correct) / max(1, self.count)


def bert_frame(tokenizer: Tokenizer) -> Frame:
    """`[CLS] text [SEP]`, as BERT reads a single text."""
    return Frame((tokenizer.cls_id,), (tokenizer.sep_id,))


def told(scores: Tensor, labels: Tensor, rows: Tensor | None = None, *, smoothing: float = 0.0) -> Outcome:
    """The cross-entropy of unnormalised `scores` (N, K) against `labels` (N,), in float32, one of each of `rows` (N,).

    `smoothing` moves that share of what is to be said evenly to everything else.
    """
    # The largest of 7,000 is found 4 times as fast in float32 as in bfloat16, and is the same one.
    wide = scores.float()
    losses = F.cross_entropy(wide, labels, reduction="none", label_smoothing=smoothing)
    right = wide.detach().argmax(dim=-1) == labels
    return Outcome(losses.sum(), len(labels), right.sum(), losses=losses.detach(), right=right, rows=rows)


def chosen(scores: Tensor, classes: Tensor, *, smoothing: float = 0.0) -> Outcome:
    """The same for whole sequences, (C, K) against (C,), with every single answer."""
    probability, predicted = scores.detach().float().softmax(dim=-1).max(dim=-1)
    outcome = told(scores, classes, smoothing=smoothing)
    return replace(outcome, gold=classes, predicted=predicted, probability=probability)


def guessed(store: Store, batch: Batch) -> Outcome:
    """The loss of guessing by how often each class occurs in the train split."""
    assert batch.classes is not None
    loss, correct = majority_loss(store.target_counts, batch.classes.numpy())
    return Outcome(torch.tensor(loss, dtype=torch.float64), len(batch.classes), correct)


class Objective(ABC):
    """What a model is trained to do. Keyword-only constructor parameters are options under `[objective]`."""

    sees: Sees
    """Whether a position may use what stands behind it."""
    usually: Sees | None = None
    """How the encoder sees where a batch says nothing, if not as it was built."""
    lead: int = 0
    """How many positions in front of a hidden token the hidden state stands that tells it."""
    hides: bool = False
    """Whether the model has learnt to tell what a mask hides."""
    both_ways: bool = False
    """Whether a second body reads each text from its end, so that hidden states have 2D units."""
    best_by: str = "loss"
    """The score by which the best of several evaluations is chosen: of a loss less is better, of the others more."""
    unit: str
    """What the loss is measured in."""
    guess: str = "unigram"
    """The name of the baseline."""
    kinds: tuple[CorpusKind, ...] = ("text", "label", "pair", "score", "tags", "translation")
    """The corpora it can learn from."""
    asks: Asks = "nothing"
    """What a sentence is completed with while one watches: words for its masks, its next token, or its class."""
    share_read: float = 1.0
    """The expected share of positions whose hidden states the loss reads; below 1 a batch says which."""
    texts: int = 1
    """How many texts of a row count as tokens: of a translation both."""
    carry: bool = False
    """Whether a row of a batch goes on where that row stopped in the batch before."""
    segments: int = 0
    """How many texts a sequence may hold that the encoder tells apart by a vector."""
    tabled: tuple[str, ...] = ()
    """Which of its further scores stand in tables of runs; the others are on a run's own page."""

    def __init__(self, tokenizer: Tokenizer, labels: tuple[str, ...] = ()) -> None:
        self.tokenizer, self.labels = tokenizer, labels

    def source(self, store: Store, split: str, *, pack: Pack, length: int) -> Source:
        """The sequences that it reads from a split; by default running text.

        Raises:
            DataError: there are none.
        """
        return RunningText(store, split, pack=pack, length=length)

    @property
    def frame(self) -> Frame:
        """What the model finds around a text that stands alone.

        `[CLS] text [SEP]` where sequences hold two texts, as BERT reads a single one; `[CLS]` in front of what is
        continued token by token; else nothing, since the model has learnt from running text.
        """
        if self.segments:
            return bert_frame(self.tokenizer)
        return Frame((self.tokenizer.cls_id,)) if self.asks == "next" else BARE

    @abstractmethod
    def collate(self, rows: Rows, *, key: int) -> Batch:
        """The batch made of `rows`, a pure function of the key and the rows' sequence numbers."""

    @abstractmethod
    def head(self, embedding: nn.Embedding, *, width: int, epsilon: float) -> nn.Module:
        """A new head for an encoder with this embedding and hidden states of `width`."""

    def head_for(self, encoder: Encoder, *, epsilon: float) -> nn.Module:
        """A new head for `encoder`; for objectives to which more of it matters than embedding and width."""
        return self.head(encoder.embedding, width=encoder.width, epsilon=epsilon)

    def settle(self, head: nn.Module, store: Store) -> None:  # noqa: B027
        """Writes into a new head what the corpus alone tells, such as the range of its scores; by default nothing.

        Raises:
            DataError: the corpus tells nothing of use.
        """

    @abstractmethod
    def head_flops(self, head: nn.Module, length: int) -> float:
        """Expected operations of the head for one sequence of `length` tokens."""

    def flops(self, model: Model, length: int, *, second: int = 0) -> float:
        """Expected operations of encoder and head for one sequence of `length` tokens, as they are trained.

        The head works on a `second` text of so many tokens, where rows have one; 0: it is as long as the first.
        """
        spared = (1 - self.share_read) * model.encoder.spared_flops(length)
        return model.encoder.flops(length) - spared + self.head_flops(model.head, second or length)

    def flops_per_token(self, model: Model, length: int) -> float:
        """The same for each token that is counted, in sequences of `length` tokens."""
        return self.flops(model, length) / (length * self.texts)

    @abstractmethod
    def loss(self, head: nn.Module, hidden: Hidden, batch: Batch) -> Outcome:
        """The loss of hidden states (B, T, D) against the batch."""

    @abstractmethod
    def baseline(self, store: Store, batch: Batch) -> Outcome:
        """The loss of the best guess that knows only how often each answer occurs in training."""

    def measures(self, loss: float, store: Store, split: str, *, pack: Pack) -> dict[str, float]:  # noqa: ARG002
        """Further numbers, by name, that follow from the mean `loss` on a split whose text is packed so."""
        return {}

    def scores(
        self,
        gold: NDArray[np.generic],  # noqa: ARG002
        predicted: NDArray[np.generic],  # noqa: ARG002
        rows: NDArray[np.int64],  # noqa: ARG002
    ) -> dict[str, float]:
        """Further scores of a whole split, by name, from all that was to be said (N,) and all that was said (N,).

        `rows` (N,) never falls, and holds the number of the example that each answer is about.
        """
        return {}
