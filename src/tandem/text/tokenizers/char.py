"""Characters: each Unicode code point is a token."""

from collections import Counter
from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models

from tandem.text.tokenizers.counts import most_frequent
from tandem.text.tokenizers.tokens import BYTES, CLS, MASK, PAD, SEP, UNKNOWN


def train_characters(texts: Iterable[str], size: int, *, byte_fallback: bool) -> tokenizers.Tokenizer:
    """The most frequent characters; another one is unknown or, with `byte_fallback`, the bytes of its UTF-8."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    first = [PAD, CLS, SEP, MASK, *BYTES] if byte_fallback else [PAD, UNKNOWN, CLS, SEP, MASK]
    vocabulary = [*first, *most_frequent(counts)[: size - len(first)]]
    # A byte-pair model without merges reads one character after the other, three times as fast as a word-level model
    # behind a pre-tokenizer that cuts a text into its characters (10 against 3 MB/s).
    model = models.BPE(
        {token: number for number, token in enumerate(vocabulary)},
        [],
        unk_token=None if byte_fallback else UNKNOWN,
        byte_fallback=byte_fallback,
    )
    inner = tokenizers.Tokenizer(model)
    bytes_to_text = [decoders.ByteFallback()] if byte_fallback else []
    inner.decoder = decoders.Sequence([*bytes_to_text, decoders.Fuse()])
    return inner
