"""Words of free text, cut as treebanks cut them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.text.words import word_spans


def words(text: str) -> str:
    return " ".join(text[start:end] for start, end in word_spans(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("We wait.", "We wait ."),
        ("Dogs, cats; and: birds!", "Dogs , cats ; and : birds !"),
        ('He said: "Go (now)."', 'He said : " Go ( now ) . "'),
        ("\u201cYes\u201d, \u2018no\u2019", "\u201c Yes \u201d , \u2018 no \u2019"),
        # Stops in a row are one word.
        ("What?! Well... no!!!", "What ?! Well ... no !!!"),
        ("...", "..."),
        # Contractions.
        ("don't it's we'll I'd I'm they've you're", "do n't it 's we 'll I 'd I 'm they 've you 're"),
        ("John\u2019s dogs' cannot", "John \u2019s dogs ' can not"),
        ("CAN'T", "CA N'T"),
        ("'Go', he said in the '90s.", "' Go ' , he said in the '90s ."),
        # What is split already stays as it is.
        ("do n't ( 's ) `` go ''", "do n't ( 's ) ` ` go ' '"),
        # Abbreviations and initials keep their stop; other words do not.
        ("Mr. J. Hyde of the U.S. Senate, Acme Inc. etc.", "Mr. J. Hyde of the U.S. Senate , Acme Inc. etc."),
        ("I said no. No. 4 came on Jan. 5, and I.", "I said no . No. 4 came on Jan. 5 , and I ."),
        # Numbers, money, shares.
        ("$1,000.50 or 5% at 10:30.", "$ 1,000.50 or 5 % at 10:30 ."),
        # Addresses, faces, hyphens, dashes.
        ("See http://a.org/b, or mail me@a.org. :)", "See http://a.org/b , or mail me@a.org . :)"),
        ("well-known\u2014maybe--yes", "well-known \u2014 maybe -- yes"),
    ],
)
def test_words_are_cut_from_marks_and_from_each_other(text: str, expected: str) -> None:
    assert words(text) == expected


@given(st.text(st.sampled_from("ab I.!?'\"()$-\u2014:nt's@ "), max_size=40))
def test_every_character_but_white_space_is_in_one_word_and_in_order(text: str) -> None:
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert "".join(text[start:end] for start, end in spans) == "".join(text.split())
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(st.text(st.sampled_from("ab I.!?'\"()$-nt's "), max_size=30))
def test_words_hold_no_white_space(text: str) -> None:
    assert all(not any(map(str.isspace, text[start:end])) for start, end in word_spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "http://a" + ")" * 20_000,
        "(" * 20_000,
        "." * 20_000,
        ")." * 10_000,
        "don't" * 5_000,
        "a." * 10_000,
        "'" * 20_000,
    ],
)
def test_the_time_grows_with_the_text_and_no_faster(text: str) -> None:
    assert "".join(words(text).split()) == text
