"""Byte-pair encoding over bytes, as in GPT-2: nothing is unknown, and a text comes back exactly."""

from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from tandem.text.tokenizers.counts import word_counts, written_out
from tandem.text.tokenizers.tokens import CLS, MASK, PAD, SEP


def train_bpe(texts: Iterable[str], size: int) -> tokenizers.Tokenizer:
    """The 256 bytes, and the most frequent pairs of what was there before; a token holds the space before its word."""
    special, alphabet = [PAD, CLS, SEP, MASK], sorted(pre_tokenizers.ByteLevel.alphabet())
    trained = tokenizers.Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    counts = word_counts(trained, texts)
    # A tokenizer of its own: training makes every special token one that is read from a text.
    inner = tokenizers.Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(written_out(counts), trainer)
    trained.model = inner.model
    return trained
