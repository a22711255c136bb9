"""Baselines reach what they must, and no more."""

import random
import sys

import pytest
from made_rows import rows_of

from tandem.core.errors import UsageError
from tandem.lab.baselines import Baseline, frequent_tags, majority, word_baselines


def accuracies(found: list[Baseline]) -> dict[str, float]:
    return {baseline.name: round(baseline.accuracy, 3) for baseline in found}


def noise(chosen: random.Random) -> str:
    return " ".join(f"w{chosen.randrange(50)}" for _ in range(6))


def test_the_majority_of_train_decides_and_rows_without_a_class_do_not_count() -> None:
    train = [("a", "x"), ("b", "x"), ("c", "y"), ("d", None), ("e", None), ("f", None)]
    rows = rows_of("label", train=train, test=[("g", "x"), ("h", "y"), ("i", "y"), ("j", "y"), ("k", None)])
    (found,) = majority(rows)
    assert (found.accuracy, found.count, found.split) == (0.25, 4, "test")
    assert majority(rows_of("text", train=["a"], test=["b"])) == []


def test_where_nothing_tests_the_validation_split_is_scored() -> None:
    (found,) = majority(rows_of("label", train=[("a", "x"), ("b", "x")], validation=[("c", "x")]))
    assert (found.accuracy, found.split) == (1, "validation")


def test_words_are_learnt_and_their_order_is_not() -> None:
    chosen = random.Random(0)
    kinds = {"x": "good", "y": "bad"}
    told = [(f"{noise(chosen)} {kinds[name]} {noise(chosen)}", name) for _ in range(100) for name in "xy"]
    ordered = [
        (f"is {one} now {noise(chosen)} is {other} now", name)
        for _ in range(200)
        for one, other, name in (("left", "right", "x"), ("right", "left", "y"))
    ]
    assert accuracies(word_baselines(rows_of("label", train=told[:150], test=told[150:])))["words"] > 0.9
    (found,) = word_baselines(rows_of("label", train=ordered[:300], test=ordered[300:]))
    assert found.accuracy < 0.75


def test_neighbouring_words_are_a_feature() -> None:
    texts = [("not good it was bad", "y"), ("good it was not bad", "x")] * 30
    assert accuracies(word_baselines(rows_of("label", train=texts, test=texts))) == {"words": 1}


def test_the_second_text_alone_sees_what_gives_the_answer_away_and_nothing_of_the_first() -> None:
    chosen = random.Random(1)
    away = [
        (noise(chosen), f"{noise(chosen)} {word}", name) for _ in range(90) for word, name in (("no", "x"), ("a", "y"))
    ]
    found = word_baselines(rows_of("pair", train=away[:120], test=away[120:]))
    assert accuracies(found)["hypothesis only"] > 0.9
    first = [(second, one, name) for one, second, name in away]
    found = word_baselines(rows_of("pair", train=first[:120], test=first[120:]))
    assert accuracies(found)["hypothesis only"] < 0.75


def test_the_words_of_both_see_what_the_texts_share() -> None:
    chosen = random.Random(2)
    shared = []
    for _ in range(200):
        premise = noise(chosen)
        shared += [(premise, " ".join(premise.split()[:3]), "x"), (premise, noise(chosen), "y")]
    found = accuracies(word_baselines(rows_of("pair", train=shared[:300], test=shared[300:])))
    assert found["words of both"] > 0.95
    assert found["hypothesis only"] < found["words of both"]


def test_the_validation_split_chooses_the_regularisation(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(3)
    kinds = {"x": "good", "y": "bad"}
    texts = [(f"{noise(chosen)} {kinds[name]}", name) for _ in range(60) for name in "xy"]
    upside_down = [(text, "y" if name == "x" else "x") for text, name in texts]
    # So weak a model knows only which class is more frequent in train: right on half, where the other is never right.
    monkeypatch.setattr("tandem.lab.baselines.STRENGTHS", (1e-3, 100.0))
    train = [*texts, *texts[::2]]
    for validation, accuracy in ((texts, 1), (upside_down, 0.5)):
        rows = rows_of("label", train=train, validation=validation, test=texts)
        assert accuracies(word_baselines(rows)) == {"words": accuracy}


@pytest.mark.parametrize("train", [[("a", "x"), ("b", "x")], [("a", None)], []])
def test_without_two_classes_there_is_nothing_to_learn(train: list[tuple[str, str | None]]) -> None:
    assert word_baselines(rows_of("label", train=train, test=[("c", "x")])) == []


def test_texts_without_a_word_are_no_traceback() -> None:
    rows = rows_of("label", train=[("...", "x"), ("!", "x"), ("?", "y")], test=[("!", "x"), ("?", "y")])
    assert accuracies(word_baselines(rows)) == {"words": 0.5}


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    texts = [("one", "x"), ("two", "y")]
    with pytest.raises(UsageError, match=r"pip install -e '\.\[eval\]'"):
        word_baselines(rows_of("label", train=texts, test=texts))


def test_a_word_gets_its_most_frequent_tag_and_an_unknown_one_the_most_frequent_of_all() -> None:
    train = [("the dog runs", ("D", "N", "V")), ("the runs", ("D", "N")), ("runs dog", ("N", "N"))]
    rows = rows_of("tags", train=train, test=[("the runs fast", ("D", "V", "A")), ("cat", ("N",))])
    (found,) = frequent_tags(rows)
    assert (found.accuracy, found.count) == (0.5, 4)
    assert frequent_tags(rows_of("label", train=[("a", "x")])) == []


def test_a_split_that_is_sorted_and_larger_than_is_learnt_from_keeps_its_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tandem.lab.baselines.MOST_ROWS", 30)
    train = [(f"good film {n}", "x") for n in range(50)] + [(f"bad film {n}", "y") for n in range(50)]
    (found,) = word_baselines(rows_of("label", train=train, test=[("a good one", "x"), ("a bad one", "y")]))
    assert found.accuracy == 1
    assert "learnt from 25 of 100 rows" in found.meaning


def test_texts_in_which_no_word_comes_twice_have_a_baseline() -> None:
    train = [(f"w{n}", "xy"[n % 2]) for n in range(1200)]
    (found,) = word_baselines(rows_of("label", train=train, test=[("w0", "x"), ("w1", "y")]))
    assert found.accuracy == 1
