"""Pairs of texts with what is known about them: a class or a score."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError
from tandem.data.pair_rows import Integers, PairRows
from tandem.data.row_notes import absent, check_classes, left_out
from tandem.data.rows import Rows
from tandem.data.source import Source
from tandem.data.store import Store


class Paired(Source):
    """The pairs of a split that have a target, cut to `length` and put into rows by `form`; the rest are left out.

    Raises:
        UsageError: no pair fits into `length`. DataError: no pair has a target, or all that train have the same class.
    """

    def __init__(self, store: Store, split: str, *, form: PairRows, length: int) -> None:
        form.check(length)
        found = store.split(split)
        known = np.empty(0, dtype=bool) if found.targets is None else _known(found.targets)
        self.numbers = np.flatnonzero(known)
        if found.targets is None or found.seconds is None or not self.numbers.size:
            wanted = "score" if store.meta["kind"] == "score" else "class"
            raise DataError(f"the {split} split of corpus {store.meta['corpus']} holds no pair whose {wanted} is known")
        if split == "train":
            check_classes(store)
        self.tokens, self.targets = found.tokens, found.targets
        self.starts, self.seconds, self.ends = found.examples[:-1], found.seconds, found.examples[1:]
        self.store, self.split, self.form, self.length = store, split, form, length
        self.unknown = len(known) - self.numbers.size

    def __len__(self) -> int:
        return len(self.numbers)

    def lengths(self, sequences: Integers) -> Integers:
        return self.form.positions(*self._kept(self.numbers[sequences]))

    def rows(self, sequences: Integers, *, key: int) -> Rows:  # noqa: ARG002
        numbers = self.numbers[sequences]
        first_sizes, second_sizes = self._kept(numbers)
        rows = self.form.rows(
            self._cut(self.starts, numbers, first_sizes), self._cut(self.seconds, numbers, second_sizes)
        )
        return Rows(rows.ids, rows.mask, sequences, segments=rows.segments, targets=self.targets[numbers])

    def examples(self, sequences: Integers) -> Integers:
        return self.numbers[sequences]

    def clusters(self, sequences: Integers) -> Integers:
        """The number of the first pair with the same first text."""
        return self._same_first[sequences]

    @cached_property
    def _same_first(self) -> Integers:
        first: dict[bytes, int] = {}
        starts, seconds = (places[self.numbers].astype(np.int64) for places in (self.starts, self.seconds))
        texts = (self.tokens[start:end].tobytes() for start, end in zip(starts, seconds, strict=True))
        return np.array(
            [first.setdefault(text, number) for text, number in zip(texts, self.numbers.tolist(), strict=True)]
        )

    def notes(self) -> list[str]:
        notes = [*left_out(self.store, self.split), *absent(self.store, self.split)]
        sizes = self._sizes(self.numbers)
        kept = self.form.kept(*sizes, self.length)
        cut = int(((kept[0] < sizes[0]) | (kept[1] < sizes[1])).sum())
        if cut:
            longer = f"{cut:,} of {len(self):,} pairs of the {self.split} split do not fit into {self.length} positions"
            notes.append(f"{longer}: the ends of their texts are not read (data.length)")
        if self.unknown:
            notes.append(f"{self.unknown:,} pairs of the {self.split} split have no known target and are left out")
        return notes

    def _sizes(self, numbers: Integers) -> tuple[Integers, Integers]:
        """How many tokens the two texts of examples have, (n,) each."""
        starts, seconds, ends = (places[numbers].astype(np.int64) for places in (self.starts, self.seconds, self.ends))
        return seconds - starts, ends - seconds

    def _kept(self, numbers: Integers) -> tuple[Integers, Integers]:
        return self.form.kept(*self._sizes(numbers), self.length)

    def _cut(self, places: NDArray[np.uint64], numbers: Integers, sizes: Integers) -> list[list[int]]:
        starts = places[numbers].astype(np.int64)
        return [self.tokens[start : start + size].tolist() for start, size in zip(starts, sizes, strict=True)]


def train_scores(store: Store) -> NDArray[np.float64]:
    """All known scores of the train split, (n,).

    Raises:
        DataError: they are all the same, so that there is nothing to learn.
    """
    targets = store.split("train").targets
    assert targets is not None
    scores: NDArray[np.float64] = targets[_known(targets)].astype(np.float64)
    if len(np.unique(scores)) < 2:
        raise DataError(f"corpus {store.meta['corpus']}: the train split holds no two different scores to learn from")
    return scores


def _known(targets: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(targets) if targets.dtype.kind == "f" else targets >= 0
    return known
