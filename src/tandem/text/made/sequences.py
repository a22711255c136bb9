"""Random sequences of symbols, all different, of many lengths."""

import string
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.core.seeds import bits, derive, permuted
from tandem.text.made.splits import SEED, checked_rows, split_range, total

AT_ONCE = 1024
MOST_ROWS = 1_000_000
LONGEST = 10_000
# What `permuted` takes; longer sequences differ in the places that write a number below this.
LARGEST_NUMBER = 2**62


def letters(corpus: str, *, symbols: int) -> str:
    """The first so many letters.

    Raises:
        UsageError: there are not so many, or only one.
    """
    if not 2 <= symbols <= len(string.ascii_lowercase):
        raise UsageError(f"corpus {corpus}: symbols = {symbols}: from 2 to {len(string.ascii_lowercase)} letters")
    return string.ascii_lowercase[:symbols]


class Sequences:
    """Sequences of `shortest` to `longest` characters of `alphabet`, as many of each length as there can be.

    Where few sequences of a length exist, all are used, and longer ones make up for them. No sequence comes twice, so
    no two splits share one.

    Raises:
        UsageError: an option is out of range, or there are not so many different sequences.
    """

    def __init__(self, corpus: str, *, rows: int, shortest: int, longest: int, alphabet: str) -> None:
        self.rows = checked_rows(corpus, rows, most=MOST_ROWS)
        if not 1 <= shortest <= longest <= LONGEST:
            raise UsageError(
                f"corpus {corpus}: shortest = {shortest}, longest = {longest}: lengths go from 1 to {LONGEST:,}, "
                "and shortest is at most longest"
            )
        self.shortest, self.alphabet = shortest, np.array(list(alphabet))
        self.key = derive(SEED, "sequences", alphabet, shortest, longest)
        needed, placed = total(rows), 0
        self.ends: list[int] = []
        for length in range(shortest, longest + 1):
            fair = (needed - placed) // (longest + 1 - length)
            placed += min(fair, len(alphabet) ** length)
            self.ends.append(placed)
        if placed < needed:
            raise UsageError(
                f"corpus {corpus}: rows = {rows} takes {needed:,} different sequences, and only {placed:,} have "
                f"{shortest} to {longest} places and {len(alphabet)} symbols; raise longest or lower rows"
            )

    def of(self, split: str) -> Iterator[tuple[int, list[str]]]:
        """The sequences of a split, each with its number."""
        numbers = split_range(split, rows=self.rows)
        for start in range(numbers.start, numbers.stop, AT_ONCE):
            some = np.arange(start, min(start + AT_ONCE, numbers.stop))
            ranks = permuted(some, self.ends[-1], self.key)
            groups = np.searchsorted(self.ends, ranks, side="right")
            written: dict[int, list[str]] = {}
            for group in np.unique(groups).tolist():
                members = groups == group
                written |= zip(some[members].tolist(), self._written(ranks[members], group), strict=True)
            yield from sorted(written.items())

    def _written(self, ranks: NDArray[np.int64], group: int) -> list[list[str]]:
        """The sequences (N, length) of one length: the first places write a number that no other rank has."""
        length, symbols = self.shortest + group, len(self.alphabet)
        decided = next(places for places in range(min(length, 62), 0, -1) if symbols**places <= LARGEST_NUMBER)
        key = derive(self.key, length)
        drawn = bits(key, ranks[:, None], np.arange(length)) % np.uint64(symbols)
        first = self.ends[group - 1] if group else 0
        codes = permuted(ranks - first, symbols**decided, key)
        drawn[:, :decided] = codes[:, None] // symbols ** np.arange(decided) % symbols
        written: list[list[str]] = self.alphabet[drawn].tolist()
        return written
