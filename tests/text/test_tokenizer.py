import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.errors import ArtifactError, UsageError
from tandem.text.tokenizer import KINDS, PAD, Tokenizer, train_tokenizer

TEXTS = [f"Day {day}: the spring wind blows, isn't it? We wait for the naïve summer wind." for day in range(40)]
TRAIN = """
import sys
from tandem.text.tokenizer import KINDS, train_tokenizer
lines = open(sys.argv[1], encoding="utf-8").read().split("\\n\\n")
for kind in KINDS:
    for spelled in (False, True):
        print(train_tokenizer(lines, kind=kind, size=600, byte_fallback=spelled, cased=spelled).to_json())
"""


@cache
def trained(kind: str, size: int = 320) -> Tokenizer:
    return train_tokenizer(TEXTS, kind=kind, size=size)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_zero_and_special_ids_are_the_special_tokens(kind: str) -> None:
    tokenizer = trained(kind)
    special = {tokenizer.token(identifier): identifier for identifier in tokenizer.special_ids}
    assert special[PAD] == 0
    assert special[tokenizer.mask_token] == tokenizer.mask_id
    assert special.get("[UNK]") == tokenizer.unknown_id
    assert set(special) == {"words": {"[PAD]", "[UNK]", "[mask]"}, "bpe": {"[PAD]", "[CLS]", "[SEP]", "[MASK]"}}.get(
        kind, {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    )


@pytest.mark.parametrize(
    ("kind", "size"), [*[(kind, 300) for kind in KINDS], ("words", 8), ("wordpiece", 50), ("char", 8)]
)
def test_the_size_is_kept(kind: str, size: int) -> None:
    tokenizer = train_tokenizer([" ".join(f"word{n}" for n in range(900)), *TEXTS], kind=kind, size=size)
    assert tokenizer.size <= size
    assert kind == "char" or tokenizer.size == size
    assert max(tokenizer.encode(TEXTS[0])) < tokenizer.size


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [("word", 300, 'unknown tokenizer "word"; did you mean "words"?'), ("words", 7, "tokenizer.size = 7: at least 8"),
     ("bpe", 259, "tokenizer.size = 259: bpe needs at least 260 ids, 256 of them for bytes")],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(kind: str, size: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        train_tokenizer(TEXTS, kind=kind, size=size)
    assert message in str(caught.value)


def test_training_gives_the_same_file_in_every_process(book: Path) -> None:
    found = []
    for seed, parallel in (("1", "false"), ("2", "true")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TOKENIZERS_PARALLELISM": parallel}
        command = [sys.executable, "-c", TRAIN, str(book)]
        found.append(
            subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
        )
    assert len(found[0]) == 2 * len(KINDS)
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_many_texts_are_encoded_as_each_of_them(kind: str) -> None:
    tokenizer = trained(kind)
    texts = [*TEXTS, "", "An unseen Ξ word", f"a {tokenizer.mask_token} b"]
    assert tokenizer.encode_many(texts) == [tokenizer.encode(text) for text in texts]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["the {} wind", "the wind {}.", "{}", "the {}, {} wind"])
def test_the_mask_written_in_a_text_is_the_mask(kind: str, text: str) -> None:
    tokenizer = trained(kind)
    ids = tokenizer.encode(text.replace("{}", tokenizer.mask_token))
    assert ids.count(tokenizer.mask_id) == text.count("{}")
    words = tokenizer.encode(text.replace("{}", ""))
    assert [token for token in ids if token != tokenizer.mask_id][:1] == words[:1]


def test_a_byte_level_mask_stands_for_a_word_and_the_space_in_front_of_it() -> None:
    tokenizer = trained("bpe")
    ids = tokenizer.encode("the summer wind")
    assert len(ids) == 3
    assert tokenizer.encode("the [MASK] wind") == [ids[0], tokenizer.mask_id, ids[2]]


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_leaves_out_padding_only(kind: str) -> None:
    tokenizer = trained(kind)
    ids = [*tokenizer.encode("wait"), tokenizer.mask_id]
    assert tokenizer.decode([0, *ids, 0, 0]) == tokenizer.decode(ids)
    assert tokenizer.decode(ids).replace(" ", "") == f"wait{tokenizer.mask_token}"


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="".join(sorted(set("".join(TEXTS) + "\n\u2003é\U0001f600")))))
def test_characters_bring_back_any_text_of_known_ones(text: str) -> None:
    tokenizer = train_tokenizer([*TEXTS, "\n\u2003é\U0001f600"], kind="char", size=100)
    assert len(tokenizer.encode(text)) == len(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("kind", ["words", "wordpiece", "char"])
def test_what_was_never_seen_is_unknown(kind: str) -> None:
    assert trained(kind).encode("Ξ") == [trained(kind).unknown_id]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokenizer_survives_saving(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(trained(kind).to_json(), encoding="utf-8")
    loaded = Tokenizer.load(path)
    assert loaded.to_json() == trained(kind).to_json()
    assert loaded.encode_many(TEXTS) == trained(kind).encode_many(TEXTS)
    assert (loaded.mask_id, loaded.size, loaded.special_ids) == (
        trained(kind).mask_id, trained(kind).size, trained(kind).special_ids,
    )  # fmt: skip


def test_a_file_that_cuts_and_pads_is_read_without_either() -> None:
    inner = tokenizers.Tokenizer.from_str(trained("words").to_json())
    inner.enable_truncation(2)
    inner.enable_padding(length=50)
    loaded = Tokenizer.from_json(inner.to_str(), where="here")
    assert loaded.encode_many(TEXTS) == trained("words").encode_many(TEXTS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "not a tokenizer file"),
        (b"{}", "not a tokenizer file"),
        (b"\xff\xfe", "cannot be read"),
        (trained("words").to_json()[:-9].encode(), "not a tokenizer file"),
        (tokenizers.Tokenizer(tokenizers.models.WordLevel({"[PAD]": 0}, "a")).to_str().encode(), r"lacks \[MASK\]"),
        (tokenizers.Tokenizer(tokenizers.models.WordLevel({"[PAD]": 1, "[MASK]": 0}, "a")).to_str().encode(),
         r"lacks \[PAD\] as id 0"),
    ],
)  # fmt: skip
def test_a_damaged_tokenizer_is_named_with_its_path(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArtifactError, match=message) as caught:
        Tokenizer.load(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("kind", ["words", "wordpiece", "char"])
def test_the_unknown_token_can_be_written(kind: str) -> None:
    tokenizer = train_tokenizer([*TEXTS, "a [UNK] word", "an [UNK]"], kind=kind, size=320)
    assert tokenizer.encode("[UNK]") == [tokenizer.unknown_id]
    assert "unk" not in tokenizer.inner.get_vocab()
