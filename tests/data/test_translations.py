"""Pairs of a text and its translation as rows."""

from pathlib import Path

import numpy as np
import pytest
from shelf import SMALL, Cards, Shelf

from tandem.core.errors import DataError
from tandem.data.store import Store, prepare
from tandem.data.stream import grouped
from tandem.data.translations import Translations
from tandem.text.example import Example

PAIRS = [("a b", "x"), ("a", "x y z"), ("a b c a b", "x"), ("b", "y"), ("c", "x y z x y")]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(pairs: list[tuple[str, str]], *, own: bool = False) -> Store:
    examples = [Example(first, str(number), second) for number, (first, second) in enumerate(pairs)]
    corpus = Cards("translation", {"train": examples, "validation": examples})
    words = {"kind": "words", "size": 50}
    return prepare(corpus, "cards", options={}, tokenizer=words, target_tokenizer=words if own else None)


@pytest.mark.parametrize("own", [False, True])
def test_a_row_holds_a_text_and_its_translation_and_padding_behind_them(own: bool) -> None:
    store = stored(PAIRS, own=own)
    source = Translations(store, "train", length=9)
    rows = source.rows(np.array([4, 0, 1]), key=0)
    assert rows.seconds is not None
    decode = (store.target_tokenizer or store.tokenizer).decode
    assert [store.tokenizer.decode(ids.tolist()) for ids in rows.ids] == ["c", "a b", "a"]
    assert [decode(ids.tolist()) for ids in rows.seconds] == ["x y z x y", "x", "x y z"]
    assert rows.mask.sum(axis=1).tolist() == [1, 2, 1]
    assert np.count_nonzero(rows.seconds, axis=1).tolist() == [5, 1, 3]


def test_what_is_too_long_on_one_side_is_left_out_and_said() -> None:
    source = Translations(stored(PAIRS), "train", length=4)
    assert source.examples(np.arange(len(source))).tolist() == [0, 1, 3]
    (note,) = source.notes()
    assert note.startswith(
        "2 pairs of the train split (40.0 %) are left out: one of their texts has more than 4 tokens"
    )
    assert Translations(stored(PAIRS), "train", length=9).notes() == []
    with pytest.raises(DataError, match="no pair of texts of at most 1 tokens each"):
        Translations(stored(PAIRS), "train", length=1)


def test_no_batch_has_more_positions_than_it_may() -> None:
    source = Translations(stored(PAIRS), "train", length=9)
    everything = np.arange(len(source))
    for batch in grouped(everything, source.lengths(everything), 14):
        rows = source.rows(batch, key=0)
        assert rows.seconds is not None
        # The decoder reads one more than a translation has, its beginning.
        assert rows.ids.size + rows.seconds.size + len(batch) <= 14


def test_running_text_has_no_translations() -> None:
    store = prepare(Shelf(SMALL), "shelf", options={}, tokenizer={"kind": "words", "size": 50})
    with pytest.raises(DataError, match="the train split of corpus shelf holds no translations"):
        Translations(store, "train", length=9)
