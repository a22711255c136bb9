"""How often a model finds the good sentence of a minimal pair likelier than the bad one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from tandem.lab.scoring.pairs import Pair
from tandem.lab.scoring.scorer import Scorer
from tandem.metrics.unigram import unigram_loss
from tandem.text.tokenizer import Tokenizer

TIE = 1e-9
"""Nats. Sums of the same numbers in another order differ by 1e-14, and what models tell apart by much more."""


@dataclass(frozen=True)
class Judged:
    """A pair with the log-probabilities in nats of its good and its bad sentence, by the model and by frequency alone.

    `untold` is how many tokens of the two have no log-probability.
    """

    pair: Pair
    model: tuple[float, float]
    unigram: tuple[float, float] | None
    untold: int


@dataclass(frozen=True)
class Paradigm:
    """The judged pairs of one paradigm."""

    name: str
    judged: Sequence[Judged]

    @property
    def accuracy(self) -> float:
        """The share of pairs whose good sentence is likelier; a tie counts one half."""
        return fmean(points(*one.model) for one in self.judged)

    @property
    def ties(self) -> float:
        """The share of pairs that the model does not tell apart."""
        return fmean(points(*one.model) == 0.5 for one in self.judged)

    @property
    def unigram(self) -> float | None:
        """The accuracy of judging by how frequent the tokens are; None where frequencies are not known."""
        known = [points(*one.unigram) for one in self.judged if one.unigram is not None]
        return fmean(known) if known else None


def points(good: float, bad: float) -> float:
    """1 where the good sentence is likelier, 0 where the bad one is, one half for a tie."""
    return 0.5 if abs(good - bad) <= TIE else float(good > bad)


def judge(
    pairs: Mapping[str, Sequence[Pair]], scorer: Scorer, *, counts: NDArray[np.int64] | None
) -> Iterator[Paradigm]:
    """Judges one paradigm after the other by the log-probability of whole sentences, not normalised by length.

    `counts` (V,) says how often each token stands in the training text.

    Source: Warstadt et al. 2020, BLiMP. What is made of ties differs between implementations: they count as mistakes,
    or as right, by which a guess by frequency gains; one half favours nobody.

    Raises:
        What `Scorer.score` raises.
    """
    for name, some in pairs.items():
        texts = [text for pair in some for text in (pair.good, pair.bad)]
        scored = list(scorer.score(texts, where=lambda number, name=name: f"{name}, pair {(number + 1) // 2}"))  # type: ignore[misc]
        both = list(zip(scored[::2], scored[1::2], strict=True))
        yield Paradigm(
            name,
            [
                Judged(
                    pair,
                    (good.total, bad.total),
                    None if counts is None else _by_frequency(pair, scorer.tokenizer, counts),
                    sum(len(text.tokens) - text.count for text in (good, bad)),
                )
                for pair, (good, bad) in zip(some, both, strict=True)
            ],
        )


def _by_frequency(pair: Pair, tokenizer: Tokenizer, counts: NDArray[np.int64]) -> tuple[float, float]:
    good, bad = (_unigram(text, tokenizer, counts) for text in (pair.good, pair.bad))
    return good, bad


def _unigram(text: str, tokenizer: Tokenizer, counts: NDArray[np.int64]) -> float:
    ids = np.array(tokenizer.encode(text), dtype=np.int64)
    loss, _ = unigram_loss(counts, ids[~np.isin(ids, tokenizer.special_ids)])
    return -loss
