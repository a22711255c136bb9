"""Texts with their translations."""

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import DataError
from tandem.data.rows import Rows, filled, padded
from tandem.data.source import Source
from tandem.data.store import Store


class Translations(Source):
    """The examples of a split whose text and translation have at most `length` tokens each; the rest are left out.

    A row takes twice the positions of the longer of the two in a batch. A translation may have `length` - 1 tokens,
    since one more is needed to begin or to end it.

    Raises:
        DataError: the split has no translations, or none that is short enough.
    """

    def __init__(self, store: Store, split: str, *, length: int) -> None:
        found = store.split(split)
        where = f"the {split} split of corpus {store.meta['corpus']}"
        if found.seconds is None:
            raise DataError(f"{where} holds no translations")
        starts, ends = found.examples[:-1].astype(np.int64), found.examples[1:].astype(np.int64)
        self.tokens, self.edges = found.tokens, np.stack([starts, found.seconds.astype(np.int64), ends], axis=1)
        sizes = np.diff(self.edges, axis=1)
        sizes[:, 1] += 1
        self.numbers = np.flatnonzero(sizes.max(axis=1) <= length)
        if not self.numbers.size:
            raise DataError(f"{where} holds no pair of texts of at most {length} tokens each; raise data.length")
        self.sizes, self.length, self.split = sizes[self.numbers], length, split

    def __len__(self) -> int:
        return len(self.numbers)

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        lengths: NDArray[np.int64] = 2 * self.sizes[sequences].max(axis=1)
        return lengths

    def examples(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.numbers[sequences]

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:  # noqa: ARG002
        edges = self.edges[self.numbers[sequences]].tolist()
        rows = padded([self.tokens[start:second] for start, second, _ in edges], sequences)
        seconds = [self.tokens[second:end] for _, second, end in edges]
        # No id of a text is 0, which is padding.
        return Rows(rows.ids, rows.mask, rows.sequences, seconds=filled(seconds, 0))

    def notes(self) -> list[str]:
        left_out = len(self.edges) - len(self.numbers)
        if not left_out:
            return []
        share = 100 * left_out / len(self.edges)
        return [
            f"{left_out:,} pairs of the {self.split} split ({share:.1f} %) are left out: one of their texts has more "
            f"than {self.length} tokens (data.length)"
        ]
