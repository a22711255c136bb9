"""Texts whose class is known, cut to a length."""

from pathlib import Path

import numpy as np
import pytest
from shelf import SMALL, Cards, Shelf

from tandem.core.errors import DataError
from tandem.data.labelled import Labelled
from tandem.data.store import Store, prepare
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example

TEXTS = [("a b c d e", "good"), ("b", "bad"), ("c c", None), ("d e a b", "good")]
EXAMPLES = [Example(text, str(number), None, target) for number, (text, target) in enumerate(TEXTS)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(corpus: Corpus) -> Store:
    return prepare(corpus, "cards", options={}, tokenizer={"kind": "words", "size": 20})


def test_rows_hold_the_beginning_of_each_text_and_its_class() -> None:
    store = stored(Cards("label", {"train": EXAMPLES, "validation": EXAMPLES}, ("bad", "good")))
    source = Labelled(store, "train", length=4)
    assert len(source) == 3
    assert source.lengths(np.arange(3)).tolist() == [4, 1, 4]
    rows = source.rows(np.array([2, 1, 0]), key=0)
    texts = [store.tokenizer.decode(row[mask].tolist()) for row, mask in zip(rows.ids, rows.mask, strict=True)]
    assert texts == ["d e a b", "b", "a b c d"]
    assert rows.targets is not None
    assert rows.targets.tolist() == [1, 0, 1]
    assert store.target_counts.tolist() == [1, 2]


def test_what_is_cut_and_what_is_left_out_is_said() -> None:
    store = stored(Cards("label", {"train": EXAMPLES, "validation": EXAMPLES[:2]}, ("bad", "good")))
    assert Labelled(store, "train", length=4).notes() == [
        "33.3 % of the texts of the train split are longer than 4 tokens: their ends are not read (data.length)",
        "1 texts of the train split have no known class and are left out",
    ]
    assert Labelled(store, "validation", length=5).notes() == []


def test_texts_without_a_class_are_a_data_error() -> None:
    with pytest.raises(DataError, match="the train split of corpus cards holds no text whose class is known"):
        Labelled(stored(Shelf(SMALL)), "train", length=4)
