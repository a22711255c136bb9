"""The characters of the original text that each token was read from, whatever normalization did to them."""

import itertools
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.text.tokenizer import KINDS, Tokenizer, train_tokenizer
from tandem.text.tokenizers.words import NOTEBOOK_PUNCTUATION

LETTERS = "abcdeé ABÉ.,!?\"'()-\n\U0001f600"
TEXTS = [LETTERS, "a bad bee, a Bed! café", "dead (bad) bee-bed abc", "\ud55c\uad6d strasse"] * 4
# What normalization changes the length of: breaks, combining marks, letters that decompose or grow, emoji of several
# code points, line ends, control characters, the sign that spelled words begin with.
TRICKY = [
    *"aA bB\té\u00dfİ\ud55c\u4e2d\u00a0\u2003\u0301\u0308\u200d\ufe0f\x00\x1c\x85\u2581\ufffd.<>/[]", "\r\n", "<br />",
    "<BR />", "<br", " />", "e\u0301", "A\u030a", "\U0001f469\u200d\U0001f52c", "\U0001f1e9\U0001f1ea", "[PAD]", "##a",
]  # fmt: skip
OPTIONS = [
    pytest.param(kind, byte_fallback, cased, id=f"{kind}{'-bytes' * byte_fallback}{'-cased' * cased}")
    for kind, byte_fallback, cased in itertools.product(KINDS, (False, True), (False, True))
    if kind in ("words", "wordpiece") or not cased
]
ANY_TEXT = st.text(max_size=40) | st.lists(st.sampled_from(TRICKY), max_size=30).map("".join)


@cache
def trained(kind: str, byte_fallback: bool = False, cased: bool = False) -> Tokenizer:
    return train_tokenizer(TEXTS, kind=kind, size=560, byte_fallback=byte_fallback, cased=cased)


def pieces(tokenizer: Tokenizer, text: str) -> list[tuple[str, str]]:
    """Each token beside the characters that it was read from."""
    ids, spans = tokenizer.encode_with_spans(text)
    assert ids == tokenizer.encode(text)
    return [(tokenizer.token(identifier), text[start:end]) for identifier, (start, end) in zip(ids, spans, strict=True)]


def runs(tokenizer: Tokenizer, text: str) -> list[tuple[list[int], int, int]]:
    """The ids of each word, or of tokens that share the bytes of a character, with the span of the whole."""
    found: list[tuple[list[int], int, int]] = []
    for identifier, (start, end) in zip(*tokenizer.encode_with_spans(text), strict=True):
        token = tokenizer.token(identifier)
        if found and (start < found[-1][2] or token.startswith(("##", "<0x"))):
            ids, begin, until = found.pop()
            found.append(([*ids, identifier], begin, max(until, end)))
        else:
            found.append(([identifier], start, end))
    return found


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("words", [("a", "A"), ("bad", "bad"), ("bee", "bee"), ("café", "Café")]),
        ("wordpiece", [("a", "A"), ("bad", "bad"), (",", ","), ("bee", "bee"), ("cafe", "Café")]),
    ],
)
def test_a_token_is_shown_where_it_stands_in_the_text(kind: str, expected: list[tuple[str, str]]) -> None:
    found = pieces(trained(kind), "A bad, bee \r\n Café" if kind == "wordpiece" else '"A bad, (bee)<br />Café')
    joined: list[tuple[str, str]] = []
    for token, piece in found:
        # WordPiece may have cut a word.
        if token.startswith("##"):
            token, piece = joined[-1][0] + token[2:], joined.pop()[1] + piece
        joined.append((token, piece))
    assert joined == expected


@pytest.mark.parametrize(("kind", "byte_fallback", "cased"), OPTIONS)
@settings(deadline=None, max_examples=150)
@given(text=ANY_TEXT)
def test_spans_of_any_text_lie_inside_it_and_in_order(kind: str, byte_fallback: bool, cased: bool, text: str) -> None:
    _, spans = trained(kind, byte_fallback, cased).encode_with_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@pytest.mark.parametrize(("kind", "byte_fallback", "cased"), [option for option in OPTIONS if "word" in option.id])
@settings(deadline=None, max_examples=300)
@given(text=ANY_TEXT)
def test_the_span_of_a_word_alone_is_read_as_that_word_and_nothing_stands_between(
    kind: str, byte_fallback: bool, cased: bool, text: str
) -> None:
    tokenizer = trained(kind, byte_fallback, cased)
    done = 0
    for ids, start, end in runs(tokenizer, text):
        assert tokenizer.encode(text[start:end]) == ids
        assert tokenizer.encode(text[done:start]) == []
        done = end
    assert tokenizer.encode(text[done:]) == []


@pytest.mark.parametrize(
    ("kind", "byte_fallback", "cased"), [option for option in OPTIONS if option.id in ("bpe", "char-bytes")]
)
@settings(deadline=None, max_examples=300)
@given(text=ANY_TEXT)
def test_spans_cover_a_text_without_a_gap_and_decode_to_it(
    kind: str, byte_fallback: bool, cased: bool, text: str
) -> None:
    tokenizer = trained(kind, byte_fallback, cased)
    done = 0
    for ids, start, end in runs(tokenizer, text):
        assert (start, tokenizer.decode(ids)) == (done, text[start:end])
        done = end
    assert done == len(text)


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=LETTERS))
def test_a_character_is_its_own_span(text: str) -> None:
    assert pieces(trained("char"), text) == [(letter, letter) for letter in text]


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=LETTERS))
def test_a_word_is_its_span_in_small_letters_without_punctuation(text: str) -> None:
    marks = set(NOTEBOOK_PUNCTUATION[1:-1].replace("\\", ""))
    for token, piece in pieces(trained("words"), text):
        assert token in ("[UNK]", "".join(letter for letter in piece.lower() if letter not in marks))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.text(alphabet=LETTERS, max_size=12), min_size=2, max_size=4))
def test_a_text_may_be_cut_in_front_of_a_space(kind: str, parts: list[str]) -> None:
    """Sentences are encoded one by one, each with the space in front of it: ids are those of the whole text."""
    cut = [parts[0].rstrip(), *(f" {part.strip()}" for part in parts[1:])]
    tokenizer = trained(kind)
    assert list(itertools.chain.from_iterable(tokenizer.encode_many(cut))) == tokenizer.encode("".join(cut))
