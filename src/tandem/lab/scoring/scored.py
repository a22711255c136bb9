"""A text with the log-probabilities that a model gives it."""

from dataclasses import dataclass, field
from math import exp, fsum

from tandem.lab.fill_mask import Guess
from tandem.lab.scoring.questions import Measure
from tandem.lab.scoring.words import Span, spanning


@dataclass(frozen=True)
class Word:
    """A word: its characters, the numbers of its tokens, and the log-probability in nats of those that have one."""

    span: Span
    tokens: range
    log_probability: float


@dataclass(frozen=True)
class Scored:
    """A text, its tokens as the tokenizer writes them, the characters each was read from; log-probabilities in nats.

    `log_probability` of a token is None where it has none: for special tokens, the unknown one among them, and for the
    first token where the model tells it from nothing. `words` and `total` are sums over the other tokens. `likeliest`
    holds, for each token, what the model would rather have said, if that was asked for.
    """

    text: str
    measure: Measure
    tokens: tuple[str, ...]
    spans: tuple[Span, ...]
    log_probability: tuple[float | None, ...]
    words: tuple[Word, ...]
    total: float
    likeliest: tuple[tuple[Guess, ...], ...]

    @property
    def count(self) -> int:
        """How many tokens have a log-probability."""
        return sum(value is not None for value in self.log_probability)


@dataclass
class Tally:
    """Sums over texts: `totals` in nats, the words, the tokens with a log-probability, and those that are apart.

    `untold` tokens have no log-probability; `shared` ones were read from parts of two words.
    """

    totals: list[float] = field(default_factory=list)
    words: int = 0
    tokens: int = 0
    untold: int = 0
    shared: int = 0

    def add(self, text: Scored) -> None:
        """Counts one more text."""
        self.totals.append(text.total)
        self.words += len(text.words)
        self.tokens += text.count
        self.untold += len(text.tokens) - text.count
        self.shared += sum(spanning(text.text, span) for span in text.spans)

    @property
    def total(self) -> float:
        """The log-probability of all texts in nats."""
        return fsum(self.totals)

    @property
    def mean(self) -> float:
        """The log-probability of a token, in nats."""
        return self.total / max(1, self.tokens)

    @property
    def perplexity(self) -> float:
        """The perplexity per token; of a pseudo-log-likelihood, the pseudo-perplexity."""
        return exp(min(-self.mean, 700.0))
