"""Studies whose truth is known: scores of arms with noise from seeds, shared or not, and from items."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tandem.lab.statistics.estimate import Estimate, estimate
from tandem.lab.statistics.verdict import compared

LEVEL = 0.05
SEED_SD, ITEM_SD, NOISE_SD = 0.01, 0.4, 0.3
"""From seed to seed 1 point of accuracy, as BLiMP has for one architecture (0.85 to 2.8); items between easy and hard;
and what is left in single answers, so that on some 500 items both kinds of noise are of one size."""


@dataclass(frozen=True)
class Design:
    """`shared` is the correlation of two arms' scores over seeds: they read the same data in the same order.

    `items` 0 stands for scores of whole splits. `gain` is how much better the first arm is than the others, which are
    the same. `taste` is the deviation from item to item of what is easy for one arm and not for the others.
    """

    arms: int = 2
    seeds: int = 4
    items: int = 0
    shared: float = 0.3
    noise: str = "normal"
    gain: float = 0.0
    taste: float = 0.0

    def scores(self, generator: Generator) -> NDArray[np.float64]:
        """(arms, S) or (arms, S, N)."""
        own = self._drawn(generator, (self.arms, self.seeds)) * np.sqrt(1 - self.shared)
        common = self._drawn(generator, (self.seeds,)) * np.sqrt(self.shared)
        runs = SEED_SD * (own + common)
        runs[0] += self.gain
        if not self.items:
            return runs
        single = NOISE_SD * generator.standard_normal((self.arms, self.seeds, self.items))
        tastes = self.taste * generator.standard_normal((self.arms, 1, self.items))
        return runs[:, :, None] + ITEM_SD * generator.standard_normal(self.items) + tastes + single

    def _drawn(self, generator: Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Numbers of mean 0 and deviation 1."""
        match self.noise:
            case "heavy":
                return generator.standard_t(3, shape) / np.sqrt(3)
            case "skewed":
                return generator.exponential(size=shape) - 1
            case "some seeds fail":
                return ((generator.random(shape) < 0.3) - 0.3) / np.sqrt(0.3 * 0.7)
            case _:
                return generator.standard_normal(shape)


def share_decided(design: Design, *, studies: int = 1000, seed: int = 0) -> float:
    """In what share of simulated studies the tested procedure calls any two arms different."""
    generator = np.random.default_rng(seed)
    return float(np.mean([_decides(design.scores(generator)) for _ in range(studies)]))


def _decides(arms: NDArray[np.float64]) -> bool:
    named = {str(number): scores for number, scores in enumerate(arms)}
    return any(pair.p <= LEVEL for pair in compared(named, higher_is_better=True))


def gain(design: Design, *, seed: int = 0) -> Estimate:
    """What one simulated study says of its first two arms."""
    first, second, *_ = design.scores(np.random.default_rng(seed))
    return estimate(first - second)
