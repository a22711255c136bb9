"""What is known about public data sets is found in them; skipped where no mirror of them is named."""

import os

import pytest

from tandem.lab.baselines import Baseline, majority, word_baselines
from tandem.lab.corpora import open_corpus, place_of, recipe_for
from tandem.lab.data_checks.copies import copies, near_copies
from tandem.lab.data_checks.finding import Rows, read_rows
from tandem.text.hub import MIRROR
from tandem.text.splits import SPLITS


def public(name: str, *overrides: str) -> Rows:
    """The rows of a public data set in the mirror."""
    opened = open_corpus(recipe_for(name, overrides=list(overrides), columns={}))
    if not os.environ.get(MIRROR) or place_of(opened.corpus) != "mirror":
        pytest.skip(f"no network in tests, and {MIRROR} names no mirror with {name}")
    return read_rows(opened.corpus, SPLITS, most=30_000)


def accuracies(found: list[Baseline]) -> dict[str, float]:
    return {baseline.name: 100 * baseline.accuracy for baseline in found}


@pytest.mark.campaign
def test_half_a_percent_of_the_test_reviews_of_imdb_are_in_its_train_split() -> None:
    rows = public("imdb")
    exact = [f for f in copies(rows) if f.title == "rows of test that are in train too, letter for letter"]
    near = [f for f in near_copies(rows) if f.title == "rows of test that nearly repeat a row of train"]
    found = exact[0].count + near[0].count
    # 23 and 1 of the 5,000 that a mirror held; about 130 of all 25,000.
    assert 0.004 < found / len(rows.splits["test"]) < 0.007
    assert exact[0].count > 10 * near[0].count


@pytest.mark.campaign
def test_the_hypotheses_of_snli_give_their_class_away() -> None:
    rows = public("snli", "corpus.limit=21000")
    found = accuracies([*majority(rows), *word_baselines(rows)])
    # 60.6 and 67.9 % after 19,965 pairs; a third would be chance.
    assert 32 < found["majority"] < 36
    assert 59 < found["hypothesis only"] < 63
    assert 66 < found["words of both"] < 70


def test_words_tell_the_judgement_of_short_sentences_four_times_in_five() -> None:
    assert 78.5 < accuracies(word_baselines(public("sst2")))["words"] < 82
