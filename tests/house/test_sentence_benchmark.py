"""Sentences against those that people marked, where the mirror of public data sets is at hand."""

import os

import pytest

from benchmarks import sentences
from benchmarks.sentences import prose, score, treebank, written


@pytest.mark.skipif(not os.environ.get("TANDEM_MIRROR"), reason="TANDEM_MIRROR names no mirror of public data sets")
@pytest.mark.parametrize(("split", "least"), [("train", 0.99), ("validation", 0.98)])
def test_the_sentences_of_prose_are_found_and_most_of_everything(split: str, least: float) -> None:
    found = treebank(split)
    runs = list(prose(found))
    assert sum(len(run) for run in runs) > len(found) / 2
    assert score(runs).f1 > least
    assert score([found]).f1 > 0.75


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("I 'm in the U.S. ( again ) , are n't you ?", "I'm in the U.S. (again), aren't you?"),
        ('He said " Stop ! " twice .', 'He said "Stop!" twice.'),
        ('It was so . "', 'It was so."'),
        ("\u201c It costs $ 5 , \u201d she said ...", "\u201cIt costs $5,\u201d she said..."),
        ("\u2018\u2019 We wait . \u2019\u2019", "\u2018\u2019We wait.\u2019\u2019"),
    ],
)
def test_a_treebank_is_written_as_people_write(tokens: str, text: str) -> None:
    assert written(tokens.split()) == text


def test_prose_begins_with_a_capital_and_ends_with_a_mark() -> None:
    lines = [
        "Dear all",
        "It rains.",
        '"So it does."',
        "3 of us stay.",
        "as ever,",
        "One.",
        "Regards",
        "Two.",
        "(Three!)",
    ]
    assert list(prose(lines)) == [lines[1:4], lines[7:]]


def test_boundaries_are_right_wrong_or_missed() -> None:
    """One sentence ends where nobody sees it, and one is cut at a mark that ends nothing."""
    found = score([["It rains.", "it pours.", "We go."], ["Yahoo! Japan.", "Yes."]])
    assert (found.right, found.wrong, found.missed) == (2, 1, 1)
    assert found.f1 == pytest.approx(2 / 3)


def test_a_sample_shows_boundaries_and_marks_that_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sentences, "_addresses", lambda: ["Mr. Adams came. He saw Mr. Clay.", "All rose. And left."] * 3
    )
    printed = sentences.sample(4)
    assert printed == sentences.sample(4)
    assert [line for line in printed if " of " in line] == ["boundaries: 4 of 6", "no boundaries: 4 of 6"]
    assert {line.strip() for line in printed[1:5]} <= {"Mr. Adams came. | He saw Mr. Clay.", "All rose. | And left."}
    assert all("Mr. |" in line for line in printed[6:])
