"""What is said of a split before anything is learnt from it."""

from pathlib import Path

import pytest
from shelf import Cards

from tandem.core.errors import DataError
from tandem.data.row_notes import absent, check_classes, left_out
from tandem.data.store import Store, prepare
from tandem.text.example import Example


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(train: list[str], test: list[str], *, blank: int = 0) -> Store:
    splits = {
        split: [Example(f"word {number}", f"{split} {number}", None, target) for number, target in enumerate(targets)]
        for split, targets in (("train", train), ("validation", train), ("test", test))
    }
    splits["test"] += [Example(" ", f"blank {number}", None, "good") for number in range(blank)]
    corpus = Cards("label", splits, ("bad", "good", "odd"))
    return prepare(corpus, "cards", options={}, tokenizer={"kind": "words", "size": 20})


def test_a_class_that_a_split_lacks_is_named_with_what_follows() -> None:
    store = stored(["bad", "good"], ["bad"])
    assert absent(store, "train") == ["no row of the train split has the class odd: they cannot be learnt"]
    (line,) = absent(store, "test")
    assert line.startswith("no row of the test split has the class good or odd: how well they are told")
    assert absent(stored(["bad", "good", "odd"], ["odd"]), "train") == []


def test_rows_without_a_token_are_counted() -> None:
    store = stored(["bad", "good"], ["bad"], blank=2)
    assert left_out(store, "test") == ["2 rows of the test split have a text without a token and are left out"]
    assert left_out(store, "train") == []


def test_one_class_alone_is_refused_with_its_name() -> None:
    check_classes(stored(["bad", "good"], ["bad"]))
    with pytest.raises(DataError, match=r'every row of the train split of corpus cards is "good", and two classes'):
        check_classes(stored(["good", "good"], ["bad"]))
