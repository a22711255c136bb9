"""In which sequences and in which order a recipe reads a split."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tandem.core.config import Recipe
from tandem.core.seeds import derive, permuted
from tandem.data.lanes import Lanes, LaneStream
from tandem.data.source import Source
from tandem.data.store import Store
from tandem.data.stream import Stream, grouped
from tandem.objectives.base import Objective


def source_of(objective: Objective, store: Store, split: str, recipe: Recipe) -> Source:
    """The sequences that `objective` reads from a split.

    Raises:
        DataError: there are none.
    """
    length = recipe.data.length
    if objective.carry:
        return Lanes(store, split, length=length, lanes=max(1, recipe.train.batch_tokens // length))
    return objective.source(store, split, pack=recipe.data.pack, length=length)


def stream_of(source: Source, recipe: Recipe) -> Stream | LaneStream:
    """The endless order in which a training reads `source`."""
    if isinstance(source, Lanes):
        return LaneStream(source)
    return Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed)


def read_once(source: Source, recipe: Recipe, *, at_most: int | None) -> Iterator[NDArray[np.int64]]:
    """The batches of an evaluation: every sequence once, or a fixed choice of them with `at_most` tokens or so.

    Lanes are read from their beginning on, in order; anything else by length, longest first.
    """
    everything = np.arange(len(source))
    if isinstance(source, Lanes):
        windows = everything.reshape(source.windows, source.lanes)
        yield from windows[: None if at_most is None else max(1, at_most // (source.lanes * source.length))]
        return
    if at_most is not None:
        shuffled = permuted(everything, len(source), derive(0, "evaluated"))
        sizes = np.cumsum(source.lengths(shuffled))
        everything = shuffled[: max(1, int(np.searchsorted(sizes, at_most)))]
    yield from grouped(everything, source.lengths(everything), recipe.train.batch_tokens)
