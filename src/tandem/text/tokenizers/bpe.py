"""Byte-pair encoding over bytes, as in GPT-2: nothing is unknown, and a text comes back exactly."""

from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from tandem.text.tokenizers.tokens import CLS, MASK, PAD, SEP


def train_bpe(texts: Iterable[str], size: int) -> tokenizers.Tokenizer:
    """The 256 bytes, and the most frequent pairs of what was there before; a token holds the space before its word."""
    special, alphabet = [PAD, CLS, SEP, MASK], sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = tokenizers.Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    # Training made every special token one that is read from a text.
    trained = tokenizers.Tokenizer(inner.model)
    trained.pre_tokenizer, trained.decoder = inner.pre_tokenizer, decoders.ByteLevel()
    return trained
