import pytest

from tandem.text.example import Example
from tandem.text.plain import plain, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("An older man stands, smiling.", "an older man stands smiling"),
        ('"A man holds up a sign reading ""STOP""."', "a man holds up a sign reading stop"),
        ("a man is reading `` stop ''", "a man is reading stop"),
        ("the children 's game does n't end", "the children's game doesn't end"),
        ("The children's game doesn't end!", "the children's game doesn't end"),
        ("a long-haired boy at 53:11 in the U.S.", "a long-haired boy at 53:11 in the u.s"),
        ("?!", "?!"),
    ],
)
def test_copies_that_differ_in_case_and_punctuation_read_alike(text: str, words: str) -> None:
    assert plain_words(text) == words
    assert plain_words(words) == words


def test_both_texts_of_a_pair_become_plain_and_nothing_else_changes() -> None:
    assert plain(Example("One.", "d", "Two!", "neutral")) == Example("one", "d", "two", "neutral")
    assert plain(Example("One.", "d")) == Example("one", "d")
