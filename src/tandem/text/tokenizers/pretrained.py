"""The tokenizer of a pretrained BERT, from the files that the transformers library keeps beside its weights."""

import json
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from tandem.core.errors import ArtifactError, UsageError
from tandem.text.tokenizers.tokens import CLS, MASK, PAD, SEP, UNKNOWN

WHOLE, VOCABULARY, SETTINGS = "tokenizer.json", "vocab.txt", "tokenizer_config.json"
NOT_READ_FROM_TEXT = (PAD, CLS, SEP)


def read_bert_tokenizer(folder: Path) -> tokenizers.Tokenizer:
    """The WordPiece tokenizer in `tokenizer.json`, or the one that `vocab.txt` makes.

    As with all of ours, the objective puts special tokens around a text, and "[SEP]" written in a text is text.

    Raises:
        UsageError: there is neither file, or the tokenizer is of another kind. ArtifactError: a file is damaged.
    """
    if (folder / WHOLE).is_file():
        return _whole(folder / WHOLE)
    if (folder / VOCABULARY).is_file():
        return _of_vocabulary(folder)
    raise UsageError(f"{folder}: holds neither {WHOLE} nor {VOCABULARY}, so no text can be read")


def lower_cases(inner: tokenizers.Tokenizer) -> bool:
    """Whether capitals and accents are dropped."""
    return inner.normalizer is not None and inner.normalizer.normalize_str("A") == "a"


def _whole(path: Path) -> tokenizers.Tokenizer:
    content = _json(path)
    model = content.get("model") or {}
    if model.get("type") != "WordPiece":
        raise UsageError(
            f"{path}: a tokenizer of kind {model.get('type')!r}: only BERT's, WordPiece, can be taken over"
        )
    added = content.get("added_tokens") or []
    content |= {
        "added_tokens": [token for token in added if token.get("content") not in NOT_READ_FROM_TEXT],
        "post_processor": None,
        "truncation": None,
        "padding": None,
    }
    try:
        return tokenizers.Tokenizer.from_str(json.dumps(content))
    except Exception as error:
        raise ArtifactError(f"{path}: not a tokenizer file ({error})") from None


def _of_vocabulary(folder: Path) -> tokenizers.Tokenizer:
    path = folder / VOCABULARY
    try:
        tokens = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{path}: cannot be read ({error})") from None
    vocabulary = {token.rstrip("\r"): number for number, token in enumerate(tokens) if token.rstrip("\r")}
    missing = [token for token in (PAD, UNKNOWN, CLS, SEP, MASK) if token not in vocabulary]
    if missing:
        raise UsageError(f"{path}: lacks {missing[0]}: no vocabulary of a BERT")
    settings = _json(folder / SETTINGS) if (folder / SETTINGS).is_file() else {}
    inner = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    inner.normalizer = normalizers.BertNormalizer(lowercase=bool(settings.get("do_lower_case", True)))
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece()
    read = (MASK, UNKNOWN)
    inner.add_special_tokens([tokenizers.AddedToken(token, special=True, normalized=False) for token in read])
    return inner


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: cannot be read ({error})") from None
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: not a JSON object")
    return content
