"""Words are counted chunk by chunk and in bounded memory, and as a text is read."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.text.tokenizer import train_tokenizer
from tandem.text.tokenizers import counts
from tandem.text.tokenizers.counts import most_frequent, word_counts, written_out

TEXTS = ["The cat saw THE dog.<br />The dog ran!", "A (the); dog's [sic]"]
# Where a text is cut is where counting could go wrong: white space of all sorts, and breaks, which hold a space.
TRICKY = [*"aA bB\t\n\r\u00a0\u2003.é'<>/ ", "  ", "   ", "<br />", "<BR />", "a<br />b", " />", "<br", "'s", "12"]


@pytest.mark.parametrize("kind", ["words", "wordpiece", "bpe"])
@pytest.mark.parametrize("byte_fallback", [False, True])
@settings(deadline=None, max_examples=300)
@given(text=st.lists(st.sampled_from(TRICKY), max_size=25).map("".join) | st.text())
def test_words_are_counted_as_a_text_is_read(kind: str, byte_fallback: bool, text: str) -> None:
    inner = train_tokenizer(["a"], kind=kind, size=600, byte_fallback=byte_fallback).inner
    normal = inner.normalizer.normalize_str(text) if inner.normalizer else text
    read = Counter(word for word, _ in inner.pre_tokenizer.pre_tokenize_str(normal))
    assert word_counts(inner, [text, text]) == read + read


def test_counts_do_not_depend_on_how_many_chunks_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = train_tokenizer(TEXTS, kind="wordpiece", size=100).inner
    whole = word_counts(inner, TEXTS * 3)
    monkeypatch.setattr(counts, "CHUNKS_AT_ONCE", 1)
    assert word_counts(inner, TEXTS * 3) == whole
    assert whole["the"] == 12


def test_the_rarest_of_too_many_words_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = train_tokenizer(TEXTS, kind="wordpiece", size=100).inner
    texts = [f"often often seldom{number} other" for number in range(50)]
    monkeypatch.setattr(counts, "CHUNKS_AT_ONCE", 5)
    monkeypatch.setattr(counts, "MOST_WORDS", 8)
    found = word_counts(inner, texts)
    assert len(found) <= 8 + 5
    assert (found["often"], found["other"]) == (100, 50)


def test_the_most_frequent_words_are_written_as_often_as_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Counter({"dog": 300, "cat": 2, "bee": 2, "ant": 1})
    assert most_frequent(found) == ["dog", "bee", "cat", "ant"]
    monkeypatch.setattr(counts, "MOST_WORDS_TO_LEARN_FROM", 3)
    written = [text.split(" ") for text in written_out(found)]
    assert sum(map(Counter, written), Counter()) == Counter({"dog": 300, "cat": 2, "bee": 2})
    assert max(map(len, written)) == 128
