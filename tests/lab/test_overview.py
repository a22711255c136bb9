"""A corpus in numbers."""

from collections import Counter

import pytest
from made_rows import opened

from tandem.core.errors import DataError
from tandem.lab.overview import overview, quantiles


def test_rows_classes_lengths_and_examples_are_counted_by_split() -> None:
    train = [("one two", "x"), ("one two three", "y"), ("one", None), ("four", "x")]
    found = overview(opened("label", train=train, test=[("five six", "x")]))
    summary = found.splits["train"]
    assert (summary.rows, summary.missing, summary.targets) == (4, 1, {"x": 2, "y": 1})
    assert (summary.words, summary.characters) == ({2: 1, 3: 1, 1: 2}, {7: 1, 13: 1, 3: 1, 4: 1})
    assert [example.text for example in summary.examples] == ["one two", "one two three", "one"]
    assert [summary.rows for summary in found.splits.values()] == [4, 0, 1]
    assert found.place == "made"


def test_both_texts_of_a_pair_count_and_scores_and_tags_are_told_apart() -> None:
    pair = overview(opened("score", train=[("one two", "three", 0.5)])).splits["train"]
    assert (pair.words, pair.characters, pair.scores, pair.missing) == ({3: 1}, {12: 1}, [0.5], 0)
    assert overview(opened("tags", train=[("a b", ("N", "V"))])).splits["train"].targets == {"N": 1, "V": 1}


def test_quantiles_are_lengths_that_occur() -> None:
    assert quantiles(Counter(range(1, 101))) == [5, 25, 50, 75, 95, 100]
    assert quantiles(Counter({3: 99, 50: 1})) == [3, 3, 3, 3, 3, 50]
    assert quantiles(Counter()) == []


def test_a_corpus_without_any_text_is_an_error() -> None:
    with pytest.raises(DataError, match="no text to show"):
        overview(opened("text"))
