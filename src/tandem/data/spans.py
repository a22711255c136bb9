"""How running tokens are cut into the sequences that a model reads."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tandem.core.choices import Pack
from tandem.core.errors import DataError
from tandem.core.files import atomic_file, owned
from tandem.data.rows import Rows, padded
from tandem.data.source import Source
from tandem.data.store import Split, Store


class RunningText(Source):
    """The sequences of a split of running text, cut as `spans` says.

    The token `end` stands behind each that is shorter than `length`: such an example is whole.
    """

    def __init__(self, store: Store, split: str, *, pack: Pack, length: int, end: int | None = None) -> None:
        self.tokens = store.split(split).tokens
        self.documents = store.split(split).documents
        self.spans = spans(store, split, pack=pack, length=length)
        self.length, self.end = length, end

    def __len__(self) -> int:
        return len(self.spans)

    def lengths(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        lengths: NDArray[np.int64] = (self.spans[sequences, 1] - self.spans[sequences, 0]).astype(np.int64)
        return lengths if self.end is None else np.minimum(lengths + 1, self.length)

    def clusters(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the document."""
        numbers: NDArray[np.int64] = np.searchsorted(self.documents, self.spans[sequences, 0], side="right") - 1
        return numbers

    def rows(self, sequences: NDArray[np.int64], *, key: int) -> Rows:  # noqa: ARG002
        bounds = self.spans[sequences].astype(np.int64)
        pieces = [self.tokens[start:stop] for start, stop in bounds]
        if self.end is not None:
            pieces = [np.append(piece, self.end)[: self.length] for piece in pieces]
        return padded(pieces, sequences)


def spans(store: Store, split: str, *, pack: Pack, length: int) -> NDArray[np.uint64]:
    """The (start, end) tokens of every sequence of a split, (sequences, 2), memory-mapped and made once.

    `pack` is one of
    `windows`: consecutive runs of `length` tokens inside a document, the last one shorter;
    `sentences`: as many whole sentences of a document as fit into `length`, a longer sentence cut;
    `examples`: the first `length` tokens of each example.

    Raises:
        DataError: the split has no sequence.
    """
    path = store.folder / f"{split}-{pack}-{length}.spans"
    if not path.exists():
        with owned(store.folder, wait=True):
            if not path.exists():
                with atomic_file(path) as file:
                    for piece in _pieces(store.split(split), pack, length):
                        file.write(piece.tobytes())
    if not path.stat().st_size:
        raise DataError(f"the {split} split of corpus {store.meta['corpus']} is empty")
    mapped: NDArray[np.uint64] = np.memmap(path, dtype=np.uint64, mode="r").reshape(-1, 2)
    return mapped


def _pieces(split: Split, pack: str, length: int) -> Iterator[NDArray[np.uint64]]:
    if pack == "examples":
        starts, ends = split.examples[:-1], split.examples[1:]
        yield np.stack([starts, np.minimum(ends, starts + np.uint64(length))], axis=1)
        return
    # Once for all documents: for each of them it would read all places of sentences again.
    places = np.searchsorted(split.sentences, split.documents).tolist() if pack == "sentences" else []
    for number, (begin, end) in enumerate(pairwise(split.documents.tolist())):
        if pack == "windows":
            cuts = np.arange(begin, end, length, dtype=np.uint64)
        else:
            first, last = places[number : number + 2]
            cuts = np.array(_packed(split.sentences[first:last].tolist(), end, length), dtype=np.uint64)
        yield np.stack([cuts, np.append(cuts[1:], np.uint64(end))], axis=1)


def _packed(sentences: list[int], end: int, length: int) -> list[int]:
    """Where sequences begin when sentences that begin at `sentences` are packed greedily, long ones cut."""
    cuts = [sentences[0]]
    for start, stop in zip(sentences, [*sentences[1:], end], strict=True):
        if stop - cuts[-1] <= length:
            continue
        if start > cuts[-1]:
            cuts.append(start)
        cuts.extend(range(start + length, stop, length))
    return cuts
