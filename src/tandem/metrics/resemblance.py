"""How much of one text stands in another, and which of very many texts are nearly the same.

Two texts are compared by their runs of three words: the share that both have, of all that either has (Jaccard). To find
the like among very many, each text gets a sketch of 64 numbers (MinHash: Broder 1997, On the resemblance and
containment of documents); two sketches agree in about as many numbers as the texts share runs. Texts whose sketches
agree in one band of four numbers are compared at all. At a share of 0.8 that overlooks 2 pairs in 10,000.
"""

import re
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tandem.core.seeds import bits, derive

Runs = NDArray[np.uint64]
Sketches = NDArray[np.uint32]

# Scripts that write no spaces count each sign as a word.
UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
WORDS_IN_A_RUN = 3
LONGEST = 65_536
NUMBERS, BAND = 64, 4
MOST_ALIKE = 4
"""With so many texts of a band each text is compared: of a text that occurs a thousand times, one copy is enough."""

# Multiply-shift hashing (Dietzfelbinger et al. 1997) needs odd factors.
FACTORS = bits(derive(0, "sketch"), np.arange(NUMBERS)) | np.uint64(1)


def runs(text: str) -> Runs:
    """The different runs of three words in the first 65,536 characters of `text`, as sorted numbers, (n,).

    Letter case and punctuation do not count. A text of fewer words is one run; one without words has none.
    """
    found = WORD.findall(text[:LONGEST].lower())
    words = np.array([crc32(word.encode(errors="surrogatepass")) for word in found], dtype=np.uint64)
    length = min(WORDS_IN_A_RUN, words.size)
    if not length:
        return words
    last = words.size - length + 1
    return np.unique(bits(length, *(words[start : start + last] for start in range(length))))


def resemblance(one: Runs, other: Runs) -> float:
    """The share of runs that both have, of all that either has: 0 to 1."""
    both = np.intersect1d(one, other, assume_unique=True).size
    return both / max(1, one.size + other.size - both)


def sketch(found: Runs) -> Sketches:
    """64 numbers, (64,), that agree with those of another text in about the share of runs that both have."""
    lowest = np.full(NUMBERS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, found.size, 4096):
        hashed = (found[start : start + 4096, None] * FACTORS) >> np.uint64(32)
        lowest = np.minimum(lowest, hashed.min(axis=0).astype(np.uint32))
    return lowest


def most_alike(asked: Sketches, known: Sketches) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each of `asked` (M, 64) the likeliest of `known` (N, 64), -1 where there is none; both (M,).

    The second array says in what share of numbers the two agree.
    """
    best = np.full(len(asked), -1, dtype=np.int64)
    share = np.zeros(len(asked))
    for start in range(0, NUMBERS, BAND):
        band = slice(start, start + BAND)
        keys = bits(0, *known[:, band].T)
        order = np.argsort(keys, kind="stable")
        wanted = bits(0, *asked[:, band].T)
        first, end = (np.searchsorted(keys[order], wanted, side=side) for side in ("left", "right"))
        for turn in range(MOST_ALIKE):
            here = np.flatnonzero(first + turn < end)
            if not here.size:
                break
            candidates = order[first[here] + turn]
            agreement = (asked[here] == known[candidates]).mean(axis=1)
            better = agreement > share[here]
            best[here[better]], share[here[better]] = candidates[better], agreement[better]
    return best, share
