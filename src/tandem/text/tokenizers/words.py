"""Whole words, as in the founding notebook: the most frequent ones have ids, the others are unknown or spelled."""

from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from tandem.text.tokenizers.counts import most_frequent, word_counts
from tandem.text.tokenizers.tokens import BYTES, CLS, NOTEBOOK_MASK, PAD, SEP, UNKNOWN

NOTEBOOK_PUNCTUATION = r"[!#$%&'()*+,\-./:;<=>?@\\^_`{|}\"~]"
# Where capitals stay, a "[PAD]" written in a text would be read as padding.
CASED_PUNCTUATION = NOTEBOOK_PUNCTUATION.replace("[!", r"[\[\]!")
BEGIN = "\u2581"


def train_words(
    texts: Iterable[str], size: int, *, cased: bool, byte_fallback: bool, boundaries: bool
) -> tokenizers.Tokenizer:
    """`<br />` becomes a space, punctuation is removed, words stand between white space; lower case unless `cased`.

    Ids are the notebook's: padding, unknown, words by frequency, and the mask last; with `boundaries`, [CLS] and [SEP]
    stand before the mask, in the place of the two rarest words. With `byte_fallback` a word begins with "\u2581", and
    one that is not among the ids is that sign and its bytes.
    """
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    inner.normalizer = normalizers.Sequence(
        [
            *([] if cased else [normalizers.Lowercase()]),
            normalizers.Replace("<br />", " "),
            normalizers.Replace(tokenizers.Regex(CASED_PUNCTUATION if cased else NOTEBOOK_PUNCTUATION), ""),
        ]
    )
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    first = [PAD, UNKNOWN]
    last = [CLS, SEP, NOTEBOOK_MASK] if boundaries else [NOTEBOOK_MASK]
    if byte_fallback:
        first = [PAD, *BYTES, BEGIN]
        begin = pre_tokenizers.Metaspace(replacement=BEGIN, prepend_scheme="always")
        inner.pre_tokenizer = pre_tokenizers.Sequence([inner.pre_tokenizer, begin])
        inner.decoder = decoders.Sequence(
            [
                decoders.Replace(NOTEBOOK_MASK, f" {NOTEBOOK_MASK}"),
                decoders.Replace(BEGIN, " "),
                decoders.ByteFallback(),
                decoders.Fuse(),
                decoders.Strip(" ", 1, 0),
            ]
        )
    taken = {*first, *last}
    kept = [word for word in most_frequent(word_counts(inner, texts)) if word not in taken]
    vocabulary = [*first, *kept[: size - len(first) - len(last)], *last]
    numbered = {token: number for number, token in enumerate(vocabulary)}
    if byte_fallback:
        # Without merges this model looks up a whole word, and spells the one that it does not find.
        inner.model = models.BPE(numbered, [], byte_fallback=True, ignore_merges=True)
    else:
        inner.model = models.WordLevel(numbered, unk_token=UNKNOWN)
    return inner
