"""The first token of each word."""

import pytest

from tandem.data.word_starts import word_starts
from tandem.text.tokenizer import Tokenizer, train_tokenizer

TEXT = "the lower dogs ran ."


def tokenizer(kind: str) -> Tokenizer:
    return train_tokenizer([TEXT, "the low dog"], kind=kind, size=300)


@pytest.mark.parametrize("kind", ["words", "wordpiece", "char", "bpe"])
def test_the_tokens_from_one_start_to_the_next_spell_the_word(kind: str) -> None:
    ids, spans = tokenizer(kind).encode_with_spans(TEXT)
    words = TEXT.split(" ")
    starts = word_starts(words, spans).tolist()
    assert [word for word, start in zip(words, starts, strict=True) if start < 0] == (["."] if kind == "words" else [])
    heard = [(word, start) for word, start in zip(words, starts, strict=True) if start >= 0]
    for (word, start), end in zip(heard, [*(start for _, start in heard[1:]), len(ids)], strict=True):
        assert TEXT[spans[start][0] : spans[end - 1][1]].strip() == word


def test_words_without_tokens_have_none_wherever_they_stand() -> None:
    ids, spans = tokenizer("words").encode_with_spans(". the . . dogs .")
    assert len(ids) == 2
    assert word_starts([".", "the", ".", ".", "dogs", "."], spans).tolist() == [-1, 0, -1, -1, 1, -1]
    assert word_starts(["."], []).tolist() == [-1]
    assert word_starts([], []).tolist() == []
