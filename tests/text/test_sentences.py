import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.text.sentences import sentence_spans

WORDS = ["The", "wind", "Mr", "U.S", "e.g", "J", "I", "3", "É"]
SIGNS = [".", ".", "?", "!", '"', "\u201d", "\u201c", ")", "(", " ", " ", "\n", "\u2003"]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "It blows. | We wait.",
        "Does it blow? | Yes! | It blows.",
        "Wait... | He left.",
        "Really?! | Yes.",
        "It rose in 1914. | 1915 was worse.",
        "First line.\n| Second line.",
        "One.    | Two.",
        # Abbreviations, in either case.
        "Mr. Adams spoke to Gen. Grant of Fig. 3. | They agreed.",
        "In the U.S. Senate and on Jan. 3 it passed, vs. No. 4.",
        "It works, e.g. Monday.",
        "It works, e.g. The wind does.",
        # Some may end a sentence; a word that has a capital only at a beginning says so.
        "We sell boots, hats, etc. | They last.",
        "He lives in the U.S. | We do not.",
        "We met at 8 a.m. | It rained.",
        "Cargill, Inc. Houston and Smith & Co. London paid.",
        "It cost $3 m. | The rest is free.",
        # Some stand before numbers only.
        "See no. 4 and vol. 2. | He said no. | All of us left in Dec. | Snow fell.",
        # The letter behind an apostrophe is no initial.
        "I like Trio's. | Run for the hills! | It isn't. | Why?",
        # The number of a list entry is part of it.
        "1. Open it. | 2. Close it. | There were 5. | So be it.",
        # Initials; but "I" is a word.
        "George W. Bush met J. Q. Adams.",
        "So am I. | We agree.",
        # Decimals, and full stops inside words.
        "It rose by 3.5 percent. | The rest fell.",
        "See example.com for more. | Thank you.",
        # Without a capital or a digit behind it, a mark ends nothing.
        "It was approx. five. and then some! but no end",
        # Quotation marks and brackets belong to the sentence that they close or open.
        'He said "Stop." | Then he left.',
        "\u201cStop!\u201d | \u201cNo.\u201d | They ran.",
        "(It is so.) | (We know.) | Good.",
        "It is so. | (we know.) | Good.",
        "The claim was denied. | \u2018\u2019There is no camp.\u2019\u2019 | \u2019Tis so. | $60 m went there.",
        # Ellipses, and blank lines.
        "They rallied\u2026 | To no end\u2026 and so on.",
        "Contents\n\n| One line\nand the next\n \t\r\n| end.",
        'The end of "Mr." | Then more.',
        "No mark at the end",
        "Ça va. | Élan vital.",
    ],
)
def test_sentences_end_where_an_english_reader_ends_them(text: str) -> None:
    expected = [sentence.strip() for sentence in text.split("|")]
    assert sentences(text.replace("| ", "").replace("|", "")) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\t\u2003"])
def test_text_of_nothing_but_space_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


@settings(deadline=None, max_examples=300)
@given(st.text() | st.lists(st.sampled_from(WORDS + SIGNS)).map("".join))
def test_spans_are_in_order_and_cover_all_but_the_space_between_them(text: str) -> None:
    spans = sentence_spans(text)
    borders = [0, *[border for span in spans for border in span], len(text)]
    assert borders == sorted(borders)
    assert all(sentence and sentence == sentence.strip() for sentence in sentences(text))
    between = [text[end:start] for end, start in zip(borders[0::2], borders[1::2], strict=True)]
    assert all(not gap.strip() for gap in between)


@pytest.mark.parametrize(
    "text",
    [
        # A table of contents in a text file holds such rows; backtracking over 20,000 dots took 8 seconds.
        "Contents " + "." * 20_000 + "x",
        ". " * 20_000,
        "." + " " * 20_000 + "x",
        "." + "(" * 20_000 + "x",
        ". ((((" * 4_000,
        "\n " * 20_000,
        "\n" + " " * 20_000 + "x",
        "a." * 20_000 + " b",
        "x" * 20_000 + ". A",
        "Mr. " * 20_000,
    ],
)
def test_time_grows_with_the_length_only(text: str) -> None:
    begin = time.perf_counter()
    sentence_spans(text)
    assert time.perf_counter() - begin < 1
