"""What may be said about two arms of a study, or about all pairs of many."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from tandem.core.errors import UsageError
from tandem.lab.statistics.dominance import epsilon
from tandem.lab.statistics.estimate import Estimate, Scores, estimate
from tandem.lab.statistics.holm import holm
from tandem.lab.statistics.permutation import permutation_p
from tandem.lab.statistics.power import MOST_SEEDS, seeds_needed

LEVEL = 0.05


@dataclass(frozen=True)
class Verdict:
    """Two arms; `first` has the better mean, and `gain` says by how much, whichever direction is better.

    `p` is that of Student's t, or of min F' where texts are known too, corrected for all pairs (Holm); it decides.
    Beside it stand the p of the permutation test, corrected likewise, and the almost stochastic order of `first` over
    `second`; with few seeds the one is blind and the other rash, so they decide nothing.
    """

    first: str
    second: str
    gain: Estimate
    p: float
    permutation: float
    epsilon: float
    pairs: int

    @property
    def decided(self) -> bool:
        """Whether `first` may be called better."""
        return self.p <= LEVEL

    def seeds_needed(self, difference: float | None = None) -> int | None:
        """How many seeds find a `difference`, or the one that was observed, in four of five such studies.

        None where seeds alone do not.
        """
        wanted = self.gain.value if difference is None else difference
        if self.gain.seeds < 2 or wanted == 0:
            return None
        return seeds_needed(self.gain, difference=wanted, level=LEVEL / self.pairs)

    def sentence(self, *, worth: float | None = None) -> str:
        """The verdict in words; `worth` is the least difference that one would care about, else the observed one."""
        low, high = self.gain.interval()
        value, least, most = _rounded(self.gain.value, low, high, to=(high - low) / 2)
        corrected = f" of {self.pairs} pairs" if self.pairs > 1 else ""
        told = f"{value} [{least}, {most}] (p = {self.p:.2g}{corrected}, {self.gain.seeds} seeds)"
        if self.decided:
            small = worth is not None and self.gain.value < worth
            return f"{self.first} is better than {self.second} by {told}" + (f", less than {worth:g}" if small else "")
        undecided = f"{self.first} and {self.second}: no difference shown"
        if self.gain.seeds < 2:
            return f"{undecided}; of one seed nothing follows about others"
        return f"{undecided}, {told}; {self._outlook(worth)}"

    def _outlook(self, worth: float | None) -> str:
        wanted = self.gain.value if worth is None else worth
        if wanted == 0:
            return "their means are equal"
        (size,) = _rounded(wanted, to=wanted)
        if worth is not None and max(map(abs, self.gain.interval())) < worth:
            return f"whichever is better, it is by less than {size}"
        needed = self.seeds_needed(worth)
        if needed is None:
            texts = " on these texts" if self.gain.items else ""
            return f"not even {MOST_SEEDS:,} seeds would settle a difference of {size}{texts}"
        if needed <= self.gain.seeds:
            return f"a difference of {size} would probably have been seen"
        return f"about {needed:,} seeds would settle a difference of {size}"


@dataclass(frozen=True)
class Compared:
    """Two arms, the better one `first`; by how much; and the p of that among all pairs (Holm)."""

    first: str
    second: str
    gain: Estimate
    p: float


def compared(arms: Mapping[str, Scores], *, higher_is_better: bool) -> list[Compared]:
    """Every pair of `arms`, each (S,) or (S, N): row s of all arms is one seed, column n one text.

    Raises:
        UsageError: two arms differ in the number of seeds or texts.
    """
    shapes = {name: scores.shape for name, scores in arms.items()}
    for name, shape in shapes.items():
        first = next(iter(shapes))
        if shape != shapes[first]:
            raise UsageError(
                f"{name} has scores for {_counted(shape)}, {first} for {_counted(shapes[first])}; arms are compared on "
                "the same seeds and texts"
            )
    sign = 1.0 if higher_is_better else -1.0
    pairs = [_ordered(pair, arms, sign) for pair in combinations(arms, 2)]
    gains = [estimate(sign * (arms[first] - arms[second])) for first, second in pairs]
    adjusted = holm([gain.p_value() for gain in gains])
    return [Compared(*pair, gain, p) for pair, gain, p in zip(pairs, gains, adjusted, strict=True)]


def verdicts(arms: Mapping[str, Scores], *, higher_is_better: bool) -> list[Verdict]:
    """A verdict for each pair of `arms`, as `compared` takes them.

    Raises:
        What `compared` raises.
    """
    sign = 1.0 if higher_is_better else -1.0
    pairs = compared(arms, higher_is_better=higher_is_better)
    by_seed = [tuple(sign * _by_seed(arms[name]) for name in (pair.first, pair.second)) for pair in pairs]
    permutations = holm([permutation_p(better - other) for better, other in by_seed])
    return [
        Verdict(**vars(pair), permutation=permutation, epsilon=epsilon(better, other), pairs=len(pairs))
        for pair, permutation, (better, other) in zip(pairs, permutations, by_seed, strict=True)
    ]


def _ordered(pair: tuple[str, str], arms: Mapping[str, Scores], sign: float) -> tuple[str, str]:
    first, second = pair
    return pair if sign * (arms[first].mean() - arms[second].mean()) >= 0 else (second, first)


def _by_seed(scores: Scores) -> Scores:
    means: Scores = scores if scores.ndim == 1 else scores.mean(axis=1)
    return means


def _counted(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} seeds" + (f" and {shape[1]:,} texts" if len(shape) > 1 else "")


def _rounded(*values: float, to: float) -> list[str]:
    """The values with as many decimals as show two digits of `to`."""
    decimals = max(0, 1 - math.floor(math.log10(abs(to)))) if to and math.isfinite(to) else 3
    return [f"{value:.{decimals}f}" for value in values]
