"""Which sequences an evaluation reads, and in which order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import tiny

from tandem.core.config import Recipe
from tandem.data.lanes import Lanes, LaneStream
from tandem.data.source import Source
from tandem.data.stream import Stream
from tandem.lab.assemble import assemble
from tandem.lab.reading import read_once, source_of, stream_of

CARRY = {"task": "clm", "encoder": "lstm", "tokenizer__kind": "char", "objective": {"carry": True}}


def train_split(book: Path, **changes: Any) -> tuple[Source, Recipe]:
    made = assemble(tiny(book, **changes))
    return source_of(made.objective, made.store, "train", made.recipe), made.recipe


@pytest.mark.parametrize("changes", [{}, CARRY], ids=["windows", "lanes"])
def test_every_sequence_is_read_once(changes: dict[str, Any], book: Path) -> None:
    source, recipe = train_split(book, **changes)
    batches = list(read_once(source, recipe, at_most=None))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(source)))
    for batch in batches:
        assert len(batch) * source.lengths(batch).max() <= recipe.train.batch_tokens


@pytest.mark.parametrize("changes", [{}, CARRY], ids=["windows", "lanes"])
def test_a_part_has_about_as_many_tokens_as_asked_for_and_is_always_the_same(
    changes: dict[str, Any], book: Path
) -> None:
    source, recipe = train_split(book, **changes)
    part = np.concatenate(list(read_once(source, recipe, at_most=1000)))
    assert 1000 - recipe.train.batch_tokens <= source.lengths(part).sum() <= 1000
    assert np.array_equal(part, np.concatenate(list(read_once(source, recipe, at_most=1000))))


def test_a_state_that_is_carried_reads_lanes_in_order(book: Path) -> None:
    source, recipe = train_split(book, **CARRY)
    assert isinstance(source, Lanes)
    assert isinstance(stream_of(source, recipe), LaneStream)
    assert source.lanes == recipe.train.batch_tokens // recipe.data.length
    assert np.concatenate(list(read_once(source, recipe, at_most=None))).tolist() == list(range(len(source)))
    assert isinstance(stream_of(train_split(book)[0], recipe), Stream)
