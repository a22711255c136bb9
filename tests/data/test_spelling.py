"""The letters of words, from their tokens."""

import numpy as np
import pytest

from tandem.data.rows import filled, padded
from tandem.data.spelling import LONGEST, Spelling
from tandem.data.word_starts import word_starts
from tandem.text.tokenizer import Tokenizer, train_tokenizer

TEXTS = ["the lower dogs ran .", "a dog", "the the lowest"]


def tokenizer(kind: str, **options: bool) -> Tokenizer:
    return train_tokenizer([*TEXTS, "abcdefghijklmnopqrstuvwxyz."], kind=kind, size=300, **options)


def spelled(of: Tokenizer, texts: list[str]) -> list[list[int]]:
    """The letters of all words of `texts`, without the zeros behind them."""
    encoded = [of.encode_with_spans(text) for text in texts]
    marks = []
    for text, (ids, spans) in zip(texts, encoded, strict=True):
        begins = np.zeros(len(ids), dtype=np.int64)
        starts = word_starts(text.split(" "), spans)
        begins[starts[starts >= 0]] = 1
        marks.append(begins)
    rows = padded([ids for ids, _ in encoded])
    letters = Spelling(of).words(rows.ids, filled(marks, 0) > 0, rows.mask)
    return [[int(letter) for letter in word if letter] for word in letters]


@pytest.mark.parametrize("kind", ["words", "wordpiece", "char", "bpe"])
def test_words_with_equal_letters_are_spelled_alike_whatever_their_tokens(kind: str) -> None:
    found = spelled(tokenizer(kind), TEXTS)
    words = [word for text in TEXTS for word in text.split(" ") if not (kind == "words" and word == ".")]
    assert len(found) == len(words)
    letters: dict[str, int] = {}
    for word, numbers in zip(words, found, strict=True):
        assert len(numbers) == len(word)
        for sign, number in zip(word, numbers, strict=True):
            assert letters.setdefault(sign, number) == number
    assert len(set(letters.values())) == len(letters)
    assert min(letters.values()) > 0
    assert max(letters.values()) < Spelling(tokenizer(kind)).size


def test_a_word_is_spelled_the_same_alone_and_beside_longer_ones() -> None:
    of = tokenizer("wordpiece")
    together = spelled(of, TEXTS)
    assert [word for text in TEXTS for word in spelled(of, [text])] == together


def test_what_is_unknown_has_no_letters_and_a_byte_is_one() -> None:
    assert spelled(tokenizer("wordpiece"), ["the \u039e dog"])[1] == []
    assert len(spelled(tokenizer("char", byte_fallback=True), ["\u039e"])[0]) == 2


def test_of_a_long_word_the_first_letters_are_read() -> None:
    of = tokenizer("char")
    (long, short) = spelled(of, ["ab" * LONGEST + " ab"])
    assert long == short * (LONGEST // 2)


def test_texts_before_their_first_word_and_rows_without_words_spell_nothing() -> None:
    of = tokenizer("char")
    rows = padded([of.encode("abc"), of.encode("de"), of.encode("fg")])
    begins = np.array([[False, True, False], [False, False, False], [True, True, False]])
    found = Spelling(of).words(rows.ids, begins, rows.mask)
    assert (found > 0).sum(axis=1).tolist() == [2, 1, 1]
    assert Spelling(of).words(rows.ids, np.zeros_like(begins), rows.mask).shape == (0, 1)
