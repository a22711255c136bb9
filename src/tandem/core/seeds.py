"""Randomness without a state: every draw is a pure function of a seed, a name and where it is used.

Nothing is ever replayed: the mask of token 17 of example 90,000 in epoch 3 is computed directly, so a run resumes
at any step exactly, and two architectures with one seed see identical inputs.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_FEISTEL_ROUNDS = 4

Counter = NDArray[np.integer] | int


def derive(seed: int, *names: str | int) -> int:
    """A key below 2^63 for `names` under `seed`; unequal names give unrelated keys (BLAKE2b)."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def _scramble(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): a bijection of 64-bit words."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def bits(key: int, *counters: Counter) -> NDArray[np.uint64]:
    """64 random bits for every combination of the broadcast `counters`, none negative; an array in any case."""
    state = np.array([key], dtype=np.uint64)
    with np.errstate(over="ignore"):
        for counter in counters:
            state = _scramble((state ^ np.asarray(counter, dtype=np.uint64)) * _GOLDEN + _GOLDEN)
    return state


def uniform(key: int, *counters: Counter) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1), 53 bits each, one for every combination of the broadcast `counters`."""
    return (bits(key, *counters) >> np.uint64(11)).astype(np.float64) * np.float64(2.0**-53)


def permuted(indices: NDArray[np.integer], size: int, key: int) -> NDArray[np.int64]:
    """Where a random permutation of range(`size`) sends `indices`, without building the permutation.

    A four-round Feistel network over the next even power of two; a result outside the range walks on until it is
    inside, which takes less than four rounds on average. Memory does not depend on `size`.
    """
    half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    low_mask = np.uint64((1 << half) - 1)
    shift = np.uint64(half)
    values = indices.astype(np.uint64)
    outside = np.ones(values.shape, dtype=bool)
    while outside.any():
        walking = values[outside]
        left, right = walking >> shift, walking & low_mask
        for turn in range(_FEISTEL_ROUNDS):
            left, right = right, left ^ (bits(key, turn, right) & low_mask)
        values[outside] = (left << shift) | right
        outside = values >= np.uint64(size)
    return values.astype(np.int64)
