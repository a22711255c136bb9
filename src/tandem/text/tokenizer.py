"""Four tokenizers behind one interface, trained on the train split and saved as one `tokenizer.json`."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import tokenizers

from tandem.core.choices import TokenizerKind
from tandem.core.errors import ArtifactError, UsageError, unknown
from tandem.text.plain import RULES
from tandem.text.tokenizers.bpe import train_bpe
from tandem.text.tokenizers.char import train_characters
from tandem.text.tokenizers.tokens import CLS, MASK, NOTEBOOK_MASK, PAD, SEP, UNKNOWN
from tandem.text.tokenizers.wordpiece import train_wordpiece
from tandem.text.tokenizers.words import train_words

KINDS: tuple[str, ...] = get_args(TokenizerKind)
LEAST_IDS = 8
IDS_OF_BYTES = {"words": 257, "wordpiece": 512, "bpe": 256, "char": 256}
IDS_OF_SPECIAL_TOKENS = 4
LOWER = tokenizers.normalizers.Lowercase()


class Tokenizer:
    """Text to ids and back, with the character span of every token. Padding is always id 0.

    `kind` is one of `words` (the founding notebook's: lower case, `<br />` to a space, punctuation removed, the most
    frequent words), `wordpiece` (BERT's, lower case), `bpe` (byte level, nothing is unknown) and `char`. `unknown_id`
    is None where nothing is unknown. Of the special tokens the mask and the unknown token are read from a text; "[PAD]"
    written there is text.
    """

    def __init__(self, inner: tokenizers.Tokenizer) -> None:
        self.inner = inner
        self.inner.no_padding()
        self.inner.no_truncation()
        vocabulary = inner.get_vocab(with_added_tokens=True)
        self.mask_token = NOTEBOOK_MASK if NOTEBOOK_MASK in vocabulary else MASK
        missing = [token for token in (PAD, self.mask_token) if token not in vocabulary]
        if missing or vocabulary[PAD] != 0:
            lacking = " and ".join(missing) or f"{PAD} as id 0"
            raise ArtifactError(f"the tokenizer lacks {lacking}; was it made by Tandem?")
        self._special = {t: vocabulary[t] for t in (PAD, UNKNOWN, CLS, SEP, self.mask_token) if t in vocabulary}
        self.special_ids = sorted(self._special.values())
        self.mask_id = self._special[self.mask_token]
        self.unknown_id = self._special.get(UNKNOWN)

    @property
    def size(self) -> int:
        """The number of ids, special tokens included."""
        return self.inner.get_vocab_size(with_added_tokens=True)

    @property
    def cls_id(self) -> int:
        """The id of [CLS], which begins a text.

        Raises:
            UsageError: the tokenizer has none.
        """
        return self._boundary(CLS)

    @property
    def sep_id(self) -> int:
        """The id of [SEP], which ends a text and stands between two.

        Raises:
            UsageError: the tokenizer has none.
        """
        return self._boundary(SEP)

    def _boundary(self, token: str) -> int:
        if token not in self._special:
            raise UsageError(f"the tokenizer has no {token}: set tokenizer.boundaries = true, or take another kind")
        return self._special[token]

    def encode(self, text: str) -> list[int]:
        """The token ids of `text`."""
        return self.inner.encode(text, add_special_tokens=False).ids

    def encode_with_spans(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The token ids of `text` and the (start, end) characters each was read from."""
        encoding = self.inner.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets

    def encode_many(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` for many texts at once, on all cores."""
        return [encoding.ids for encoding in self.inner.encode_batch_fast(texts, add_special_tokens=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """Readable text for `ids`; special tokens are kept, padding is not."""
        return self.inner.decode([token for token in ids if token != 0], skip_special_tokens=False)

    def token(self, identifier: int) -> str:
        """The written form of one id."""
        return str(self.inner.id_to_token(identifier))

    def unknown_rate(self, ids: Sequence[int]) -> float:
        """The share of `ids` that are the unknown token, from 0 to 1; 0 where there are no ids."""
        return ids.count(self.unknown_id) / max(1, len(ids))

    def in_plain_words(self) -> "Tokenizer":
        """The same ids for plain words, which are found in any text as `plain_words` finds them; spans stay its own."""
        content = json.loads(self.to_json())
        own = content["normalizer"] or {"type": "Sequence", "normalizers": []}
        rules = own["normalizers"] if own["type"] == "Sequence" else [own]
        if rules[: len(RULES)] == RULES:
            return self
        content["normalizer"] = {"type": "Sequence", "normalizers": [*RULES, *rules]}
        return Tokenizer(tokenizers.Tokenizer.from_str(json.dumps(content)))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of `tokenizer.json`: equal exactly where every text gets the same ids by the same rules."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The content of `tokenizer.json`, the same for the same training text."""
        return self.inner.to_str(pretty=False)

    @classmethod
    def from_json(cls, content: str, *, where: str) -> "Tokenizer":
        """Reads what `to_json` gave.

        Raises:
            ArtifactError: the content is no tokenizer; the message names `where`.
        """
        try:
            return cls(tokenizers.Tokenizer.from_str(content))
        except ArtifactError as error:
            raise ArtifactError(f"{where}: {error}") from None
        except Exception as error:
            raise ArtifactError(f"{where}: not a tokenizer file ({error})") from None

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Reads a `tokenizer.json`.

        Raises:
            ArtifactError: absent or damaged.
        """
        try:
            return cls.from_json(path.read_text(encoding="utf-8"), where=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactError(f"{path}: cannot be read ({error})") from None


def train_tokenizer(
    texts: Iterable[str],
    *,
    kind: str,
    size: int,
    cased: bool = False,
    lower: bool = False,
    byte_fallback: bool = False,
    boundaries: bool = False,
) -> Tokenizer:
    """A tokenizer of `kind` with at most `size` ids, special tokens included; the same texts give the same ids.

    `cased` keeps capitals and accents, as `bpe` and `char` do; `lower` drops capitals there. With
    `byte_fallback` nothing is unknown, as in `bpe` always: what has no token of its own is spelled in bytes.
    `boundaries` gives `words` the tokens [CLS] and [SEP], which the other kinds always have.

    Raises:
        UsageError: unknown kind, a size that cannot hold the special tokens and the bytes, or `lower` for another kind.
    """
    if kind not in KINDS:
        raise unknown("tokenizer", kind, KINDS, "tokenizer.kind")
    _check_size(size, kind, byte_fallback)
    if lower and kind not in ("bpe", "char"):
        raise UsageError(f"tokenizer.lower: {kind} reads capitals only where tokenizer.cased = true; leave lower out")
    texts = (text.replace(UNKNOWN, "") for text in texts)
    if lower:
        texts = map(LOWER.normalize_str, texts)
    match kind:
        case "words":
            inner = train_words(texts, size, cased=cased, byte_fallback=byte_fallback, boundaries=boundaries)
        case "wordpiece":
            inner = train_wordpiece(texts, size, cased=cased, byte_fallback=byte_fallback)
        case "bpe":
            inner = train_bpe(texts, size)
        case _:
            inner = train_characters(texts, size, byte_fallback=byte_fallback)
    if lower:
        inner.normalizer = LOWER
    mask = NOTEBOOK_MASK if kind == "words" else MASK
    # A byte-level token holds the space in front of its word, so a mask written in its place takes that space too.
    inner.add_special_tokens([tokenizers.AddedToken(mask, lstrip=kind == "bpe", special=True, normalized=False)])
    if inner.token_to_id(UNKNOWN) is not None:
        inner.add_special_tokens([tokenizers.AddedToken(UNKNOWN, special=True, normalized=False)])
    return Tokenizer(inner)


def _check_size(size: int, kind: str, byte_fallback: bool) -> None:
    if size < LEAST_IDS:
        raise UsageError(f"tokenizer.size = {size}: at least {LEAST_IDS} ids are needed")
    least = IDS_OF_BYTES[kind] + IDS_OF_SPECIAL_TOKENS
    if size < least and (byte_fallback or kind == "bpe"):
        how = "bpe" if kind == "bpe" else f"{kind} with byte_fallback"
        raise UsageError(f"tokenizer.size = {size}: {how} needs at least {least} ids, {least - 4} of them for bytes")
