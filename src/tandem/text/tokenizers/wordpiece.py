"""WordPiece, BERT's: the longest known beginning of a word, then the longest known piece of what is left."""

import json
from collections import Counter
from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from tandem.text.tokenizers.counts import word_counts, written_out
from tandem.text.tokenizers.tokens import CLS, MASK, PAD, SEP, UNKNOWN

# The model tries every end of a piece, so a word of n bytes takes up to n * n / 2 looks; a character has 4 at most.
LONGEST_SPELLED = 50


def train_wordpiece(texts: Iterable[str], size: int, *, cased: bool, byte_fallback: bool) -> tokenizers.Tokenizer:
    """BERT's own rules cut words from punctuation; lower case without accents unless `cased`.

    A word with an unseen letter, or of more than 100 letters, is unknown. With `byte_fallback` nothing is: pieces are
    made of bytes, written as in byte-level BPE, and all 256 are pieces both at the beginning and inside of a word. (The
    library knows no other fallback for this model.)
    """
    inner = tokenizers.Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    inner.normalizer = normalizers.BertNormalizer(lowercase=not cased)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece()
    if byte_fallback:
        cut = pre_tokenizers.FixedLength(LONGEST_SPELLED)
        spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        inner.pre_tokenizer = pre_tokenizers.Sequence([inner.pre_tokenizer, cut, spell])
        # The space that the first decoder writes between words is spelled as a byte for the last one.
        inner.decoder = decoders.Sequence([inner.decoder, decoders.Replace(" ", "\u0120"), decoders.ByteLevel()])
    counts = word_counts(inner, texts)
    if byte_fallback:
        letters = sorted(pre_tokenizers.ByteLevel.alphabet())
        first = [PAD, CLS, SEP, MASK, *letters, *(f"##{letter}" for letter in letters)]
    else:
        first = [PAD, UNKNOWN, CLS, SEP, MASK, *sorted({f"##{letter}" for word in counts for letter in word[1:]})]
    numbered = {token: number for number, token in enumerate(_learnt(counts, first, size))}
    longest = 4 * LONGEST_SPELLED if byte_fallback else 100
    inner.model = models.WordPiece(numbered, unk_token=UNKNOWN, max_input_chars_per_word=longest)
    return inner


def _learnt(counts: Counter[str], first: list[str], size: int) -> list[str]:
    """The tokens in the order of their ids, those of `first` in front."""
    inner = tokenizers.Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    # The trainer of tokenizers 0.23 numbers "##x" pieces in the order of a hash table, so two runs gave two
    # vocabularies; naming the pieces beforehand in sorted order fixes their numbers.
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=first, show_progress=False)
    inner.train_from_iterator(written_out(counts), trainer)
    by_id: dict[str, int] = json.loads(inner.to_str())["model"]["vocab"]
    return sorted(by_id, key=by_id.__getitem__)[:size]
