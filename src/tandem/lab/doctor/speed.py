"""Which precision and how many threads pay for which mixer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import torch

from tandem.lab.doctor.layers import Trial
from tandem.lab.doctor.peak import PRECISIONS, peak, synchronise

BATCH = 16
ROUNDS = 3
# So that the whole stays within half a minute: where one round takes longer, it is the only one.
ENOUGH = 12.0
PEAK_SECONDS = 0.8


@dataclass(frozen=True)
class Setting:
    """A precision and a number of threads."""

    precision: str
    threads: int

    def __str__(self) -> str:
        return f"{self.precision} with {self.threads} thread{'s' if self.threads > 1 else ''}"


Speeds = dict[Setting, float]


def settings(cores: int, device: torch.device) -> list[Setting]:
    """Both precisions with 1, 2, 4 … threads up to all `cores`; threads mean nothing to a graphics card."""
    counts = [1] if device.type == "cuda" else [*(2**power for power in range(4) if 2**power < cores), cores]
    return [Setting(precision, threads) for threads in counts for precision in PRECISIONS]


def peaks(tried: list[Setting], *, seconds: float, device: torch.device) -> Speeds:
    """FLOP/s of products of matrices."""
    return {setting: peak(setting.precision, seconds=seconds, device=device) for setting in _each(tried)}


def speeds(mixers: list[str], tried: list[Setting], *, rounds: int, device: torch.device) -> dict[str, Speeds]:
    """Tokens a second, forward, backward and Muon, of one layer of each mixer: the median of interleaved rounds.

    There are `rounds` of them, or fewer where the machine is slow.
    """
    trials = {name: Trial(name, layers=1, batch=BATCH, device=device) for name in mixers}
    seconds: dict[tuple[str, Setting], list[float]] = {}
    began = time.perf_counter()
    for turn in range(rounds + 1):
        if turn > 1 and time.perf_counter() - began > ENOUGH:
            break
        for setting in _each(tried):
            for name, trial in trials.items():
                started = time.perf_counter()
                trial.step(setting.precision)
                synchronise(device)
                # The first turn chooses kernels and fills caches.
                if turn:
                    seconds.setdefault((name, setting), []).append(time.perf_counter() - started)
    return {
        name: {setting: trial.ids.numel() / median(seconds[name, setting]) for setting in tried}
        for name, trial in trials.items()
    }


def _each(tried: list[Setting]) -> Iterator[Setting]:
    """The settings, each while its number of threads holds."""
    before = torch.get_num_threads()
    try:
        for setting in tried:
            torch.set_num_threads(setting.threads)
            yield setting
    finally:
        torch.set_num_threads(before)
