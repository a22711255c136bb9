"""Texts that are nearly the same are found among many, and only these."""

import random

import numpy as np
import pytest

from tandem.metrics.resemblance import most_alike, resemblance, runs, sketch


def text(seed: int, words: int = 120) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(2000)}" for _ in range(words)]


def changed(words: list[str], number: int) -> str:
    """The words with `number` of them, evenly spread, replaced."""
    copy = list(words)
    for place in range(number):
        copy[(place + 1) * len(words) // (number + 1)] = f"new{place}"
    return " ".join(copy)


def test_a_run_is_three_words_without_case_and_punctuation() -> None:
    assert runs("The cat, sat. On THE cat sat").size == 4
    assert np.array_equal(runs("The cat, sat!"), runs("the CAT sat"))
    assert not np.intersect1d(runs("the cat sat"), runs("cat the sat")).size


def test_short_texts_are_one_run_and_signs_none() -> None:
    assert [runs(short).size for short in ("", "...", "one", "one two", "one two three")] == [0, 0, 1, 1, 1]
    assert not np.intersect1d(runs("one"), runs("one two")).size


def test_scripts_without_spaces_are_read_sign_by_sign() -> None:
    assert runs("我们去北京").size == 3


def test_a_lone_surrogate_is_a_sign_like_any_other() -> None:
    assert runs("a \ud800 b").size == 1


@pytest.mark.parametrize(("one", "other", "share"), [
    ("a b c d", "a b c d", 1), ("a b c d", "a b c e", 1 / 3), ("a b c", "d e f", 0), ("", "", 0), ("", "a b c", 0),
])  # fmt: skip
def test_resemblance_is_the_share_of_common_runs(one: str, other: str, share: float) -> None:
    assert resemblance(runs(one), runs(other)) == pytest.approx(share)
    assert resemblance(runs(other), runs(one)) == pytest.approx(share)


def test_sketches_agree_in_about_the_share_of_common_runs() -> None:
    for number in (0, 3, 10, 30):
        words = text(number)
        one, other = runs(" ".join(words)), runs(changed(words, number))
        agreement = float((sketch(one) == sketch(other)).mean())
        # Five standard deviations of a mean of 64 draws are 0.31 at most.
        assert agreement == pytest.approx(resemblance(one, other), abs=0.31)
    assert np.array_equal(sketch(runs("a b c d")), sketch(runs("A b, c d")))


def test_sketches_of_long_texts_see_all_of_them() -> None:
    found = runs(" ".join(text(1, words=12_000)))
    assert found.size > 10_000
    parts = np.minimum(sketch(found[:6000]), sketch(found[6000:]))
    assert np.array_equal(sketch(found), parts)


def test_near_copies_are_found_among_a_thousand_texts() -> None:
    known = [text(seed) for seed in range(1000)]
    asked = [changed(known[seed], 3) for seed in range(100)] + [" ".join(text(seed)) for seed in range(5000, 5100)]
    best, share = most_alike(
        np.stack([sketch(runs(one)) for one in asked]), np.stack([sketch(runs(" ".join(one))) for one in known])
    )
    assert best[:100].tolist() == list(range(100))
    assert (share[:100] > 0.6).all()
    assert (share[100:] < 0.3).all()


def test_among_equal_texts_one_is_enough() -> None:
    sketches = np.stack([sketch(runs("a b c d"))] * 50)
    best, share = most_alike(sketches, sketches)
    assert (best < 4).all()
    assert (share == 1).all()


def test_nothing_is_alike_to_nothing() -> None:
    none = np.empty((0, 64), dtype=np.uint32)
    some = np.stack([sketch(runs("a b c"))])
    assert most_alike(some, none)[0].tolist() == [-1]
    assert most_alike(none, some)[0].size == 0
