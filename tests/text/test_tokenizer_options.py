"""Bytes for what has no token, capitals, the tokens at both ends of a text, and what tells tokenizers apart."""

import hashlib
from functools import cache
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.errors import UsageError
from tandem.text.tokenizer import KINDS, Tokenizer, train_tokenizer
from tandem.text.tokenizers.bpe import train_bpe
from tandem.text.tokenizers.char import train_characters
from tandem.text.tokenizers.tokens import BYTES, CLS, MASK, PAD, SEP, UNKNOWN
from tandem.text.tokenizers.wordpiece import train_wordpiece

TEXTS = ["Der Bär wohnt in Österreich.", "Die Bären wohnen im Wald, die Österreicher auch."] * 20
FOREIGN = "Ξένος, ça \U0001f469\u200d\U0001f52c \u4e2d\u6587 e\u0301"
WRITTEN = [PAD, UNKNOWN, CLS, SEP]


@cache
def trained(kind: str, size: int = 700, *, byte_fallback: bool = False, cased: bool = False) -> Tokenizer:
    return train_tokenizer(TEXTS, kind=kind, size=size, byte_fallback=byte_fallback, cased=cased)


@pytest.mark.parametrize("kind", ["bpe", "char"])
@settings(deadline=None, max_examples=300)
@given(
    text=st.text() | st.lists(st.sampled_from([*WRITTEN, "<0x41>", "Bär", "\r\n", "\u0301", "\U0001f600"])).map("".join)
)
def test_bytes_bring_back_any_text(kind: str, text: str) -> None:
    tokenizer = trained(kind, byte_fallback=True)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=150)
@given(text=st.text())
def test_nothing_is_unknown_with_bytes(kind: str, text: str) -> None:
    tokenizer = trained(kind, byte_fallback=True)
    assert tokenizer.unknown_id is None
    assert tokenizer.unknown_rate(tokenizer.encode(text)) == 0
    # White space, marks and breaks are left out by the word tokenizers; letters never are.
    assert tokenizer.encode(text) or not any(letter.isalnum() for letter in text.lower().replace("<br />", ""))


@pytest.mark.parametrize("kind", ["words", "wordpiece"])
def test_a_word_without_a_token_is_spelled_and_can_be_read(kind: str) -> None:
    tokenizer = trained(kind, byte_fallback=True, cased=True)
    decoded = tokenizer.decode(tokenizer.encode(f"Die Bären {FOREIGN}"))
    expected = {"words": FOREIGN.replace(",", ""), "wordpiece": FOREIGN.replace("\u4e2d", "\u4e2d ")}[kind]
    # A zero-width joiner is a control character to BERT's rules.
    assert decoded == f"Die Bären {expected if kind == 'words' else expected.replace(chr(0x200D), '')}"


def test_a_known_word_is_one_token_and_a_letter_is_never_taken_for_a_word() -> None:
    tokenizer = train_tokenizer(["a tree"], kind="words", size=300, byte_fallback=True)
    assert [tokenizer.token(i) for i in tokenizer.encode("A tree")] == ["\u2581a", "\u2581tree"]
    assert [tokenizer.token(i) for i in tokenizer.encode("at")] == ["\u2581", "<0x61>", "<0x74>"]
    assert tokenizer.decode(tokenizer.encode("at a [mask] tree")) == "at a [mask] tree"


def test_a_word_of_any_length_is_spelled_in_time() -> None:
    """The longest-match search takes the square of a word's length: 65,536 letters in one piece would take minutes."""
    for kind in KINDS:
        tokenizer = trained(kind, byte_fallback=True)
        assert len(tokenizer.encode("x" * 65_536)) >= 16_384


@pytest.mark.parametrize(("kind", "least"), [("words", 261), ("wordpiece", 516), ("char", 260)])
def test_the_bytes_need_their_ids(kind: str, least: int) -> None:
    assert train_tokenizer(TEXTS, kind=kind, size=least, byte_fallback=True).size <= least
    with pytest.raises(UsageError, match=f"{kind} with byte_fallback needs at least {least} ids, {least - 4} of them"):
        train_tokenizer(TEXTS, kind=kind, size=least - 1, byte_fallback=True)


def test_bytes_are_called_as_the_library_calls_them() -> None:
    inner = train_characters(["a"], 300, byte_fallback=True)
    assert inner.encode(bytes(range(128)).decode()).tokens == [*BYTES[:97], "a", *BYTES[98:128]]


@pytest.mark.parametrize("kind", KINDS)
def test_capitals_and_accents_stay_where_asked_for(kind: str) -> None:
    cased, default = (
        trained(kind, cased=cased).decode(trained(kind, cased=cased).encode("Bär")) for cased in (True, False)
    )
    assert cased == "Bär"
    assert default == {"words": "bär", "wordpiece": "bar"}.get(kind, "Bär")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("byte_fallback", [False, True])
def test_a_text_begins_and_ends_with_tokens_of_its_own(kind: str, byte_fallback: bool) -> None:
    tokenizer = train_tokenizer(TEXTS, kind=kind, size=600, boundaries=True, byte_fallback=byte_fallback)
    assert [tokenizer.token(identifier) for identifier in (tokenizer.cls_id, tokenizer.sep_id)] == [CLS, SEP]
    assert {tokenizer.cls_id, tokenizer.sep_id, tokenizer.mask_id, 0} <= set(tokenizer.special_ids)


def test_the_notebook_has_no_boundaries_and_gets_them_in_the_place_of_its_rarest_words() -> None:
    texts = ["one two two three three three four four four four"]
    notebook = train_tokenizer(texts, kind="words", size=8)
    wider = train_tokenizer(texts, kind="words", size=8, boundaries=True)
    assert [notebook.token(n) for n in range(7)] == [PAD, UNKNOWN, "four", "three", "two", "one", "[mask]"]
    assert [wider.token(n) for n in range(8)] == [PAD, UNKNOWN, "four", "three", "two", CLS, SEP, "[mask]"]
    for end in ("cls_id", "sep_id"):
        with pytest.raises(UsageError, match=r"has no \[\w+\]: set tokenizer.boundaries = true"):
            getattr(notebook, end)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"cased": True}, {"byte_fallback": True, "cased": True}])
@pytest.mark.parametrize("written", WRITTEN)
def test_of_the_special_tokens_only_the_mask_is_read_from_a_text(
    kind: str, options: dict[str, bool], written: str
) -> None:
    tokenizer = train_tokenizer(["a PAD b"], kind=kind, size=600, boundaries=True, **options)
    found = set(tokenizer.encode(f"a {written} b")) & set(tokenizer.special_ids)
    assert found <= {tokenizer.unknown_id}


def test_training_itself_adds_no_token_that_is_read_from_a_text() -> None:
    pieces = train_wordpiece(TEXTS, 600, cased=False, byte_fallback=False)
    for inner in (train_bpe(TEXTS, 600), pieces, train_characters(TEXTS, 600, byte_fallback=True)):
        assert inner.get_added_tokens_decoder() == {}
        assert inner.token_to_id(PAD) == 0


def test_the_share_of_unknown_tokens() -> None:
    tokenizer = train_tokenizer(["a b c"], kind="char", size=10)
    assert tokenizer.unknown_rate(tokenizer.encode("abxc")) == 0.25
    assert tokenizer.unknown_rate([]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_fingerprint_tells_tokenizers_apart(kind: str) -> None:
    tokenizer = trained(kind)
    assert tokenizer.fingerprint == hashlib.sha256(tokenizer.to_json().encode()).hexdigest()
    assert tokenizer.fingerprint == Tokenizer.from_json(tokenizer.to_json(), where="here").fingerprint
    assert tokenizer.fingerprint != train_tokenizer(["another text"], kind=kind, size=700).fingerprint


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("byte_fallback", [False, True])
def test_other_libraries_read_the_file_and_give_the_same_ids(kind: str, byte_fallback: bool, tmp_path: Path) -> None:
    tokenizer = trained(kind, byte_fallback=byte_fallback)
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer.to_json(), encoding="utf-8")
    text = f"Die Bären {tokenizer.mask_token} {FOREIGN}"
    assert tokenizers.Tokenizer.from_file(str(path)).encode(text).ids == tokenizer.encode(text)
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    theirs = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(path), pad_token=PAD, mask_token=tokenizer.mask_token
    )
    assert theirs(text, add_special_tokens=False)["input_ids"] == tokenizer.encode(text)
    assert len(theirs) == tokenizer.size
    assert (theirs.pad_token_id, theirs.mask_token_id) == (0, tokenizer.mask_id)


def test_a_mask_is_written_as_the_kind_writes_it() -> None:
    assert {kind: trained(kind).mask_token for kind in KINDS} == dict.fromkeys(KINDS, MASK) | {"words": "[mask]"}


@pytest.mark.parametrize("kind", ["bpe", "char"])
def test_what_keeps_capitals_can_drop_them(kind: str) -> None:
    made = train_tokenizer(["The Dog ÄHNELT the dog"], kind=kind, size=300, lower=True)
    assert made.encode("THE dog Ähnelt") == made.encode("the DOG ähnelt")
    assert made.decode(made.encode("THE Dog")) == "the dog"
    again = Tokenizer.from_json(made.to_json(), where="test")
    assert again.encode("The DOG") == made.encode("the dog")


@pytest.mark.parametrize("kind", ["words", "wordpiece"])
def test_what_drops_capitals_is_not_asked_to(kind: str) -> None:
    with pytest.raises(UsageError, match=f"tokenizer.lower: {kind} reads capitals only where tokenizer.cased = true"):
        train_tokenizer(["the dog"], kind=kind, size=300, lower=True)
