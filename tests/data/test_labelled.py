"""Texts whose class is known, cut to a length."""

from collections.abc import Iterator
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
        "1 of 3 texts of the train split are longer than 4 tokens: their ends are not read (data.length)",
        "1 texts of the train split have no known class and are left out",
    ]
    assert Labelled(store, "validation", length=5).notes() == []


def test_rows_that_are_no_examples_are_counted() -> None:
    class Torn(Cards):
        def without_text(self, split: str) -> Iterator[str]:
            yield from ["row 5", "row 9"] if split == "train" else []

    store = stored(
        Torn("label", {"train": [*EXAMPLES, Example("...", "4", None, "bad")], "validation": EXAMPLES}, ("bad", "good"))
    )
    assert Labelled(store, "train", length=9).notes()[:2] == [
        "2 rows of the train split have an empty text and are left out",
        "1 rows of the train split have a text without a token and are left out",
    ]
    assert not any("rows" in note for note in Labelled(store, "validation", length=9).notes())


def test_a_class_that_a_split_lacks_is_named() -> None:
    names = ("bad", "fair", "good", "poor")
    store = stored(
        Cards("label", {"train": [*EXAMPLES, Example("a", "4", None, "fair")], "validation": EXAMPLES[:2]}, names)
    )
    assert Labelled(store, "train", length=9).notes()[0] == (
        "no row of the train split has the class poor: they cannot be learnt"
    )
    assert Labelled(store, "validation", length=9).notes() == [
        "no row of the validation split has the class fair or poor: how well they are told is not measured there"
    ]


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({}, "give rows of another class"),
        (
            {"limit": 3},
            r"corpus\.limit = 3 takes the first rows of a sorted data set: raise it, or leave it out",
        ),
    ],
)
def test_a_train_split_of_one_class_is_refused(options: dict[str, int], advice: str) -> None:
    corpus = Cards("label", {"train": EXAMPLES[:1] * 3, "validation": EXAMPLES}, ("bad", "good"))
    store = prepare(corpus, "cards", options=options, tokenizer={"kind": "words", "size": 20})
    refusal = f'every row of the train split of corpus cards is "good", and two classes are needed; {advice}'
    with pytest.raises(DataError, match=refusal):
        Labelled(store, "train", length=4)
    assert len(Labelled(store, "validation", length=4)) == 3


def test_texts_without_a_class_are_a_data_error() -> None:
    with pytest.raises(DataError, match="the train split of corpus cards holds no text whose class is known"):
        Labelled(stored(Shelf(SMALL)), "train", length=4)
