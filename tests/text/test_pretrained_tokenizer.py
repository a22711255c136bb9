"""The tokenizer of a pretrained BERT reads as the transformers library reads, and keeps the rules of ours."""

import json
from pathlib import Path

import pytest
from tiny_bert import VOCABULARY, bert_in

from tandem.core.errors import ArtifactError, UsageError
from tandem.text.tokenizer import Tokenizer
from tandem.text.tokenizers.pretrained import lower_cases, read_bert_tokenizer

TEXT = "The wind blows on day 7! Élan [MASK] blow."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bert_in(tmp_path / "bert")


def whole(folder: Path) -> Path:
    """Writes the `tokenizer.json` that transformers makes of the vocabulary, with padding and truncation set."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    fast = transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    fast.backend_tokenizer.enable_truncation(5)
    fast.backend_tokenizer.enable_padding(length=5)
    fast.backend_tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


@pytest.mark.parametrize("form", ["vocab.txt", "tokenizer.json"])
def test_a_text_gets_the_ids_that_transformers_gives_it(form: str, folder: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    expected = transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt"))(TEXT, add_special_tokens=False).input_ids
    if form == "tokenizer.json":
        whole(folder)
    tokenizer = Tokenizer(read_bert_tokenizer(folder))
    assert tokenizer.encode(TEXT) == expected
    assert (tokenizer.mask_id, tokenizer.cls_id, tokenizer.sep_id, tokenizer.unknown_id) == (5, 3, 4, 2)
    assert tokenizer.size == len(VOCABULARY)
    assert lower_cases(tokenizer.inner)
    # Written in a text these are text; padding has no token in it.
    assert not {0, 3, 4} & set(tokenizer.encode("[CLS] the [SEP] [PAD]"))
    assert Tokenizer.from_json(tokenizer.to_json(), where="here").encode(TEXT) == expected


def test_a_vocabulary_with_capitals_says_so_in_its_settings(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    inner = read_bert_tokenizer(folder)
    assert not lower_cases(inner)
    assert inner.token_to_id("[UNK]") in Tokenizer(inner).encode("The")


def test_what_cannot_be_read_is_told_in_one_line(folder: Path) -> None:
    path = whole(folder)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "model": {"type": "BPE"}}))
    with pytest.raises(UsageError, match=r"tokenizer\.json: a tokenizer of kind 'BPE': only BERT's"):
        read_bert_tokenizer(folder)
    path.write_text(json.dumps({**content, "normalizer": 3}))
    with pytest.raises(ArtifactError, match=r"tokenizer\.json: not a tokenizer file"):
        read_bert_tokenizer(folder)
    for damage, message in [("[]", "not a JSON object"), ("{", "cannot be read")]:
        path.write_text(damage)
        with pytest.raises(ArtifactError, match=message):
            read_bert_tokenizer(folder)
    path.unlink()
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\nthe\n")
    with pytest.raises(UsageError, match=r"vocab\.txt: lacks \[SEP\]: no vocabulary of a BERT"):
        read_bert_tokenizer(folder)
    (folder / "vocab.txt").unlink()
    with pytest.raises(UsageError, match=r"holds neither tokenizer\.json nor vocab\.txt"):
        read_bert_tokenizer(folder)
