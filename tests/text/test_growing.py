"""Text that grows token by token says what decoding everything says, and reads a few tokens for each new one."""

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.text.growing import GrowingText
from tandem.text.tokenizer import Tokenizer, train_tokenizer

TEXTS = [
    "Der Bär wohnt in Österreich, sagt er's nicht?",
    "Die \U0001f469\u200d\U0001f52c schläft \u4e2d\u6587 nie.",
] * 9
CASES: dict[str, dict[str, Any]] = {
    "words": {"kind": "words"},
    "words in bytes": {"kind": "words", "byte_fallback": True},
    "pieces": {"kind": "wordpiece"},
    "pieces in bytes": {"kind": "wordpiece", "byte_fallback": True},
    "bytes": {"kind": "bpe"},
    "characters": {"kind": "char"},
    "characters in bytes": {"kind": "char", "byte_fallback": True},
}
FACE = ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]


@cache
def made(case: str) -> Tokenizer:
    return train_tokenizer(TEXTS, size=600, **CASES[case])


def told(tokenizer: Tokenizer, begun: Sequence[int], more: Sequence[int]) -> tuple[list[str], str]:
    """What is sure after each of the tokens `more`, and what is unsure after the last."""
    growing = GrowingText(tokenizer, begun)
    found = [growing.add(token) for token in more]
    return [one.sure for one in found], found[-1].unsure if found else ""


def continuation(tokenizer: Tokenizer, begun: Sequence[int], more: Sequence[int]) -> str:
    """What all tokens decode to behind what the `begun` alone do, as far as the two agree."""
    alone, whole = tokenizer.decode(begun), tokenizer.decode([*begun, *more])
    shared = next(
        (n for n, (a, b) in enumerate(zip(alone, whole, strict=False)) if a != b), min(map(len, (alone, whole)))
    )
    return whole[shared:]


@pytest.mark.parametrize("case", CASES)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_pieces_are_what_decoding_everything_gives(case: str, data: st.DataObject) -> None:
    tokenizer = made(case)
    text = data.draw(st.text(max_size=6) | st.sampled_from(["", "Die \U0001f469", "Österreich, sagt"]))
    token = st.integers(1, tokenizer.size - 1) | st.integers(1, min(tokenizer.size - 1, 261))
    begun, more = tokenizer.encode(text), data.draw(st.lists(token, max_size=40))
    pieces, rest = told(tokenizer, begun, more)
    assert "".join(pieces) + rest == continuation(tokenizer, begun, more)


@pytest.mark.parametrize("case", CASES)
def test_a_real_text_comes_back_and_soon(case: str) -> None:
    tokenizer = made(case)
    begun, more = tokenizer.encode(TEXTS[0]), tokenizer.encode(" " + TEXTS[1] + " Die Bären")
    pieces, rest = told(tokenizer, begun, more)
    assert "".join(pieces) + rest == continuation(tokenizer, begun, more)
    assert not any("\ufffd" in piece for piece in [*pieces, rest])
    # Two tokens late, and the bytes of a character together.
    for place in range(8, len(more)):
        assert len("".join(pieces[: place + 1])) >= len(continuation(tokenizer, begun, more[: place - 7]))


def test_bytes_that_a_later_one_spoils_are_not_told_before() -> None:
    """The library reads a row of bytes as a whole: one that fits nowhere makes all of them unknown."""
    tokenizer = made("characters in bytes")
    ids = [tokenizer.inner.token_to_id(byte) for byte in [*FACE, *FACE, "<0xFF>"]]
    assert tokenizer.decode(ids[:8]) == "\U0001f600\U0001f600"
    pieces, rest = told(tokenizer, tokenizer.encode("a"), [*ids, *tokenizer.encode("sie")])
    assert "".join(pieces) + rest == 9 * "\ufffd" + "sie"
    pieces, rest = told(tokenizer, tokenizer.encode("a"), [*ids[:8], *tokenizer.encode("sie")])
    assert "".join(pieces) + rest == "\U0001f600\U0001f600sie"


@pytest.mark.parametrize("case", CASES)
def test_each_token_costs_a_few(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer, read = made(case), []
    decode = tokenizer.decode
    ids = list(itertools.islice(itertools.cycle(tokenizer.encode(" ".join(TEXTS[:2]))), 1024))
    monkeypatch.setattr(tokenizer, "decode", lambda some: read.append(len(some)) or decode(some))
    growing = GrowingText(tokenizer, [])
    for token in ids:
        growing.add(token)
    assert sum(read) / len(ids) < 40
