"""Plain words, as a corpus reads its texts and as its tokenizer reads any text."""

import re
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers

from tandem.text.example import Example
from tandem.text.plain import EDGES, plain, plain_words
from tandem.text.tokenizer import KINDS, Tokenizer, train_tokenizer

TYPED = """An older man stands, "smiling", and he doesn't see (the) children's [MASK]. U.S."""
TEXTS = st.one_of(
    st.text(), st.lists(st.sampled_from([*EDGES, *" \t\x1caBcΣİ-", "n't", "'s", " n't", " 's"])).map("".join)
)


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
        (" two  words ", "two words"),
        ("", ""),
    ],
)
def test_copies_that_differ_in_case_and_punctuation_read_alike(text: str, words: str) -> None:
    assert plain_words(text) == words
    assert plain_words(words) == words


def test_both_texts_of_a_pair_become_plain_and_nothing_else_changes() -> None:
    assert plain(Example("One.", "d", "Two!", "neutral")) == Example("one", "d", "two", "neutral")
    assert plain(Example("One.", "d")) == Example("one", "d")


@given(TEXTS)
def test_plain_words_are_plain_words_already(text: str) -> None:
    assert plain_words(plain_words(text)) == plain_words(text)


def of_kind(kind: str) -> Tokenizer:
    """A tokenizer that has learnt to read plain words, or `given` by a BERT that keeps case."""
    if kind == "given":
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyzABC'.,\"", "man", "Man"]
        inner = tokenizers.Tokenizer(models.WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
        inner.normalizer = normalizers.BertNormalizer(lowercase=False)
        inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        inner.add_special_tokens([tokenizers.AddedToken("[MASK]", special=True, normalized=False)])
        return Tokenizer(inner)
    return train_tokenizer([plain_words(TYPED)] * 5, kind=kind, size=300)


@pytest.fixture(scope="module", params=[*KINDS, "given"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return of_kind(request.param)


@settings(max_examples=50)
@given(TEXTS)
def test_a_tokenizer_finds_the_plain_words_of_any_text(tokenizer: Tokenizer, text: str) -> None:
    text, plainly = text.strip(), tokenizer.in_plain_words()
    words, is_read = plain_words(text), any(sign not in EDGES and not sign.isspace() for sign in text)
    assert plainly.encode(text) == plainly.encode(words) == (tokenizer.encode(words) if is_read else [])


def test_the_text_around_a_mask_is_read_as_it_is_without_one(tokenizer: Tokenizer) -> None:
    plainly, mask = tokenizer.in_plain_words(), tokenizer.mask_token
    assert plainly.encode(f'An "old" {mask} smiles, he.') == tokenizer.encode(f"an old {mask} smiles he")
    assert plainly.encode(f"{mask} man is {mask}.") == tokenizer.encode(f"{mask} man is {mask}")


def test_tokens_stand_where_they_were_typed(tokenizer: Tokenizer) -> None:
    text = 'The "man", (a) boy \'s.'
    ids, spans = tokenizer.in_plain_words().encode_with_spans(text)
    assert ids == tokenizer.encode("the man a boy's")
    letters = re.compile("[^a-z]")
    for number, (start, end) in zip(ids, spans, strict=True):
        if number not in tokenizer.special_ids:
            assert letters.sub("", text[start:end].lower()) == letters.sub("", tokenizer.token(number))


def test_it_is_saved_and_taken_on_once(tokenizer: Tokenizer, tmp_path: Path) -> None:
    plainly = tokenizer.in_plain_words()
    (tmp_path / "tokenizer.json").write_text(plainly.to_json(), encoding="utf-8")
    again = Tokenizer.load(tmp_path / "tokenizer.json")
    assert again.fingerprint == plainly.fingerprint != tokenizer.fingerprint
    assert again.in_plain_words().fingerprint == plainly.fingerprint
    assert again.encode("A Man.") == plainly.encode("a man")
