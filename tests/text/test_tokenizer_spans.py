import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.text.tokenizer import KINDS, NOTEBOOK_PUNCTUATION, Tokenizer, train_tokenizer

LETTERS = "abcdeé ABÉ.,!?\"'()-\n\U0001f600"
TRAINED = {
    kind: train_tokenizer([LETTERS, "a bad bee, a Bed! café", "dead (bad) bee-bed abc"] * 4, kind=kind, size=290)
    for kind in KINDS
}


def pieces(tokenizer: Tokenizer, text: str) -> list[tuple[str, str]]:
    """Each token beside the characters that it was read from."""
    ids, spans = tokenizer.encode_with_spans(text)
    assert ids == tokenizer.encode(text)
    return [(tokenizer.token(identifier), text[start:end]) for identifier, (start, end) in zip(ids, spans, strict=True)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("words", [("a", "A"), ("bad", "bad"), ("bee", "bee"), ("café", "Café")]),
        ("wordpiece", [("a", "A"), ("bad", "bad"), (",", ","), ("bee", "bee"), ("cafe", "Café")]),
    ],
)
def test_a_token_is_shown_where_it_stands_in_the_text(kind: str, expected: list[tuple[str, str]]) -> None:
    found = pieces(TRAINED[kind], "A bad, bee \n Café" if kind == "wordpiece" else '"A bad, (bee)<br />Café')
    joined: list[tuple[str, str]] = []
    for token, piece in found:
        # WordPiece may have cut a word.
        if token.startswith("##"):
            token, piece = joined[-1][0] + token[2:], joined.pop()[1] + piece
        joined.append((token, piece))
    assert joined == expected


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=LETTERS))
def test_a_character_is_its_own_span(text: str) -> None:
    assert pieces(TRAINED["char"], text) == [(letter, letter) for letter in text]


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=LETTERS.replace("é", "").replace("É", "").replace("\U0001f600", "")))
def test_spans_of_bytes_cover_plain_text_without_a_gap(text: str) -> None:
    tokenizer = TRAINED["bpe"]
    ids, spans = tokenizer.encode_with_spans(text)
    assert [tokenizer.decode([identifier]) for identifier in ids] == [text[start:end] for start, end in spans]
    assert "".join(text[start:end] for start, end in spans) == text


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=LETTERS))
def test_a_word_is_its_span_in_small_letters_without_punctuation(text: str) -> None:
    marks = set(NOTEBOOK_PUNCTUATION[1:-1].replace("\\", ""))
    for token, piece in pieces(TRAINED["words"], text):
        assert token in ("[UNK]", "".join(letter for letter in piece.lower() if letter not in marks))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(text=st.text())
def test_spans_of_any_text_lie_inside_it_and_in_order(kind: str, text: str) -> None:
    _, spans = TRAINED[kind].encode_with_spans(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)
