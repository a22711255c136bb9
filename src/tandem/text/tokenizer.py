"""Four tokenizers behind one interface, trained on the train split and saved as one `tokenizer.json`."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from tandem.core.choices import TokenizerKind
from tandem.core.errors import ArtifactError, UsageError, unknown

PAD, UNKNOWN, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
NOTEBOOK_MASK = "[mask]"
NOTEBOOK_PUNCTUATION = r"[!#$%&'()*+,\-./:;<=>?@\\^_`{|}\"~]"
WORDS_AT_ONCE = 128
KINDS: tuple[str, ...] = get_args(TokenizerKind)


class Tokenizer:
    """Text to ids and back, with the character span of every token. Padding is always id 0.

    `kind` is one of `words` (the founding notebook's: lower case, `<br />` to a space, punctuation removed, the most
    frequent words), `wordpiece` (BERT's, lower case), `bpe` (byte level, nothing is unknown) and `char`.
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
        self.mask_id = vocabulary[self.mask_token]
        self.unknown_id = vocabulary.get(UNKNOWN)
        self.special_ids = sorted(vocabulary[t] for t in (PAD, UNKNOWN, CLS, SEP, self.mask_token) if t in vocabulary)

    @property
    def size(self) -> int:
        """The number of ids, special tokens included."""
        return self.inner.get_vocab_size(with_added_tokens=True)

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


def train_tokenizer(texts: Iterable[str], *, kind: str, size: int) -> Tokenizer:
    """A tokenizer of `kind` with at most `size` ids, special tokens included; the same texts give the same ids.

    Raises:
        UsageError: unknown kind, or a size that cannot hold the special tokens.
    """
    if kind not in KINDS:
        raise unknown("tokenizer", kind, KINDS, "tokenizer.kind")
    if size < 8:
        raise UsageError(f"tokenizer.size = {size}: at least 8 ids are needed")
    build = {"words": _words, "wordpiece": _wordpiece, "bpe": _bpe, "char": _char}[kind]
    inner = build(iter(texts), size)
    mask = NOTEBOOK_MASK if kind == "words" else MASK
    # A byte-level token holds the space in front of its word, so a mask written in its place takes that space too.
    written_mask = tokenizers.AddedToken(mask, lstrip=kind == "bpe", special=True, normalized=False)
    present = [token for token in (PAD, UNKNOWN, CLS, SEP) if inner.token_to_id(token) is not None]
    inner.add_special_tokens([*present, written_mask])
    return Tokenizer(inner)


def _by_frequency(inner: tokenizers.Tokenizer, texts: Iterator[str], room: int) -> list[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        normal = inner.normalizer.normalize_str(text) if inner.normalizer else text
        counts.update(word for word, _ in inner.pre_tokenizer.pre_tokenize_str(normal))
    return sorted(counts, key=lambda word: (-counts[word], word))[:room]


def _word_level(inner: tokenizers.Tokenizer, vocabulary: list[str]) -> tokenizers.Tokenizer:
    inner.model = models.WordLevel({word: index for index, word in enumerate(vocabulary)}, unk_token=UNKNOWN)
    return inner


def _words(texts: Iterator[str], size: int) -> tokenizers.Tokenizer:
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    inner.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace("<br />", " "),
            normalizers.Replace(tokenizers.Regex(NOTEBOOK_PUNCTUATION), ""),
        ]
    )
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    kept = [word for word in _by_frequency(inner, texts, size) if word not in (PAD, UNKNOWN, NOTEBOOK_MASK)]
    return _word_level(inner, [PAD, UNKNOWN, *kept[: size - 3], NOTEBOOK_MASK])


def _char(texts: Iterator[str], size: int) -> tokenizers.Tokenizer:
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    inner.pre_tokenizer = pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    inner.decoder = decoders.Fuse()
    return _word_level(inner, [PAD, UNKNOWN, CLS, SEP, MASK, *_by_frequency(inner, texts, size - 5)])


def _bpe(texts: Iterator[str], size: int) -> tokenizers.Tokenizer:
    inner = tokenizers.Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    least = len(alphabet) + 4
    if size < least:
        raise UsageError(
            f"tokenizer.size = {size}: bpe needs at least {least} ids, one for every byte and 4 special ones"
        )
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[PAD, CLS, SEP, MASK], initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    return inner


def _written_out(counts: Counter[str]) -> Iterator[str]:
    """Every word as often as it was counted, in texts of bounded length: the trainer holds many texts at once."""
    for word in sorted(counts):
        for start in range(0, counts[word], WORDS_AT_ONCE):
            yield " ".join([word] * min(WORDS_AT_ONCE, counts[word] - start))


def _wordpiece(texts: Iterator[str], size: int) -> tokenizers.Tokenizer:
    special = [PAD, UNKNOWN, CLS, SEP, MASK]
    inner = tokenizers.Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word for word, _ in inner.pre_tokenizer.pre_tokenize_str(inner.normalizer.normalize_str(text)))
    # The trainer of tokenizers 0.23 numbers "##x" pieces in the order of a hash table, so two runs gave two
    # vocabularies; naming the pieces beforehand in sorted order fixes their numbers.
    pieces = sorted({f"##{letter}" for word in counts for letter in word[1:]})
    trainer = trainers.WordPieceTrainer(
        vocab_size=max(size, len(special) + 2 * len(pieces)), special_tokens=special + pieces, show_progress=False
    )
    inner.train_from_iterator(_written_out(counts), trainer)
    by_id = sorted(json.loads(inner.to_str())["model"]["vocab"].items(), key=lambda item: item[1])
    learnt = [token for token, _ in by_id][:size]
    trained = tokenizers.Tokenizer(models.WordPiece({t: i for i, t in enumerate(learnt)}, unk_token=UNKNOWN))
    trained.normalizer, trained.pre_tokenizer = inner.normalizer, inner.pre_tokenizer
    trained.decoder = decoders.WordPiece()
    return trained
