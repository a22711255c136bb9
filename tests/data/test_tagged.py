"""Texts whose words have tags, cut to a length."""

from pathlib import Path

import numpy as np
import pytest
from shelf import SMALL, Cards, Shelf

from tandem.core.errors import DataError, UsageError
from tandem.data.frame import Frame
from tandem.data.store import Store, prepare
from tandem.data.tagged import Tagged
from tandem.text.example import Example

TAGS = ("D", "N", "V", "P")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def examples(*texts: str) -> list[Example]:
    """`the/D dog/N` is a text of two words with their tags."""
    found = []
    for number, text in enumerate(texts):
        words, tags = zip(*(pair.split("/") for pair in text.split(" ")), strict=True)
        found.append(Example(" ".join(words), str(number), None, tags))
    return found


def stored(train: list[Example], validation: list[Example] | None = None, *, kind: str = "char") -> Store:
    splits = {"train": train, "validation": validation or train}
    return prepare(Cards("tags", splits, TAGS), "cards", options={}, tokenizer={"kind": kind, "size": 40})


def test_rows_hold_the_beginning_of_each_text_and_a_tag_where_a_word_begins() -> None:
    source = Tagged(stored(examples("the/D dog/N ran/V", "we/N", "a/D b/N")), "train", length=8)
    assert len(source) == 3
    assert source.lengths(np.arange(3)).tolist() == [8, 2, 3]
    rows = source.rows(np.array([2, 0]), key=0)
    assert rows.sequences.tolist() == [2, 0]
    assert rows.mask.sum(axis=1).tolist() == [3, 8]
    assert rows.tags is not None
    # "a b", and of "the dog ran" the first eight letters: the last word is not begun.
    assert rows.tags.tolist() == [[0, -1, 1, -1, -1, -1, -1, -1], [0, -1, -1, -1, 1, -1, -1, -1]]


def test_a_frame_takes_room_and_has_no_tag() -> None:
    store = stored(examples("the/D dog/N ran/V", "we/N"))
    source = Tagged(store, "train", length=8, frame=Frame((1,), (2,)))
    assert source.lengths(np.arange(2)).tolist() == [8, 4]
    rows = source.rows(np.arange(2), key=0)
    assert [row[mask].tolist()[:: mask.sum() - 1] for row, mask in zip(rows.ids, rows.mask, strict=True)] == [
        [1, 2]
    ] * 2
    assert rows.tags is not None
    assert rows.tags.tolist() == [[-1, 0, -1, -1, -1, 1, -1, -1], [-1, 1, -1, -1, -1, -1, -1, -1]]
    assert "longer than 6 tokens" in source.notes()[0]
    with pytest.raises(UsageError, match=r"data\.length = 2: a text between \[CLS\] and \[SEP\]"):
        Tagged(store, "train", length=2, frame=Frame((1,), (2,)))


def test_what_is_cut_is_counted_in_texts_and_in_words() -> None:
    store = stored(examples("the/D dog/N ran/V", "we/N"))
    assert Tagged(store, "train", length=7).notes() == [
        "1 of 2 texts of the train split are longer than 7 tokens: the 1 words at their ends are not read (data.length)"
    ]
    assert Tagged(store, "train", length=11).notes() == []


def test_words_that_the_tokenizer_drops_are_counted() -> None:
    store = stored(examples("the/D dog/N ran/V ./P", "./P we/N", "./P"), kind="words")
    source = Tagged(store, "train", length=8)
    assert len(source) == 2
    assert source.notes() == [
        "1 rows of the train split have a text without a token and are left out",
        "2 words of the train split have no token and are left out (tokenizer.kind)",
    ]
    tags = source.rows(np.array([0, 1]), key=0).tags
    assert tags is not None
    assert tags.tolist() == [[0, 1, 2], [1, -1, -1]]


def test_tags_that_train_lacks_are_said_of_the_split_that_has_them() -> None:
    store = stored(examples("the/D dog/N"), examples("the/D dog/N ran/V", "we/N ran/V ./P"))
    note = (
        "3 words of the validation split have a tag that no word of the train split has (V, P): a model cannot learn "
        "it, so they count as wrong"
    )
    assert Tagged(store, "train", length=20).notes() == []
    assert Tagged(store, "validation", length=20).notes() == [note]
    assert store.target_counts.tolist() == [1, 1, 0, 0]


def test_a_text_without_tags_is_a_data_error() -> None:
    store = prepare(Shelf(SMALL), "shelf", options={}, tokenizer={"kind": "words", "size": 40})
    with pytest.raises(DataError, match="the train split of corpus shelf holds no word with a tag"):
        Tagged(store, "train", length=4)
