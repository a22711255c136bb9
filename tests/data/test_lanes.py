"""Strips of running text side by side."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from shelf import Shelf

from tandem.core.errors import DataError
from tandem.data.lanes import Lanes, LaneStream
from tandem.data.store import Store, prepare
from tandem.data.stream import Position


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))
    text = {"a": ["abcdefghij" * 3, "klm"], "b": ["nopqrstuvwxyz" * 2]}
    return prepare(
        Shelf({"train": text, "validation": text}), "shelf", options={}, tokenizer={"kind": "char", "size": 40}
    )


@pytest.mark.parametrize(("length", "lanes"), [(5, 1), (5, 3), (7, 4), (100, 2), (1, 59), (4, 1000)])
def test_every_token_stands_in_one_window_and_a_lane_is_running_text(store: Store, length: int, lanes: int) -> None:
    source = Lanes(store, "train", length=length, lanes=lanes)
    strips: list[list[int]] = [[] for _ in range(source.lanes)]
    for number in range(len(source)):
        rows = source.rows(np.array([number]), key=0)
        piece = rows.ids[0, : int(rows.mask.sum())].tolist()
        assert len(piece) == source.lengths(np.array([number]))[0] <= length
        strip = strips[number % source.lanes]
        assert rows.before is not None
        assert rows.before[0] == (-1 if number < source.lanes else strip[-1])
        strip += piece
    assert [token for strip in strips for token in strip] == store.split("train").tokens.tolist()
    assert max(map(len, strips)) - min(map(len, strips)) <= 1


def test_from_any_position_lanes_go_on_as_they_would_have(store: Store) -> None:
    stream = LaneStream(Lanes(store, "train", length=5, lanes=4))
    whole = list(islice(stream.after(Position()), 11))
    assert [epoch for _, epoch, _ in whole] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 2
    assert whole[1][0].tolist() == [4, 5, 6, 7]
    assert whole[3][0].tolist() == whole[0][0].tolist()
    for place in range(9):
        for found, expected in zip(stream.after(whole[place][2]), whole[place + 1 :], strict=False):
            assert np.array_equal(found[0], expected[0])
            assert found[1:] == expected[1:]


def test_a_split_without_text_is_a_data_error(store: Store) -> None:
    with pytest.raises(DataError, match="the test split of corpus shelf is empty"):
        Lanes(store, "test", length=5, lanes=2)


def test_windows_of_one_strip_belong_together(store: Store) -> None:
    source = Lanes(store, "train", length=5, lanes=4)
    assert source.clusters(np.array([0, 3, 4, 9])).tolist() == [0, 3, 0, 1]
