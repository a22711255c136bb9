"""How often each word occurs, in memory that does not grow with the text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import tokenizers

# In front of a word's space, which byte-level tokens hold; not inside "<br />", which word tokenizers read as a space.
_BETWEEN_CHUNKS = re.compile(r"(?= [^\s/])")
CHUNKS_AT_ONCE = 2**17
# A word takes about 190 bytes here and 1,200 in the trainers of the library (measured with eight random letters).
MOST_WORDS = 2**19
MOST_WORDS_TO_LEARN_FROM = 2**18
COPIES_AT_ONCE = 128


def word_counts(inner: tokenizers.Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """The words of `texts`, as the normalizer and the pre-tokenizer of `inner` give them, and how often each occurs.

    Texts are cut at spaces first and each different chunk is normalized once, as no rule of ours looks across a space:
    10 to 15 MB a second where normalizing every text makes 3. Whenever more than 524,288 different words are held, all
    but the most frequent 262,144 are forgotten.
    """
    words: Counter[str] = Counter()
    chunks: Counter[str] = Counter()
    for text in texts:
        chunks.update(_BETWEEN_CHUNKS.split(text))
        if len(chunks) > CHUNKS_AT_ONCE:
            words = _forgetting(_added(inner, chunks, words))
            chunks.clear()
    return _added(inner, chunks, words)


def most_frequent(counts: Counter[str]) -> list[str]:
    """The keys of `counts` by falling frequency, equally frequent ones by the alphabet."""
    return sorted(counts, key=lambda key: (-counts[key], key))


def written_out(counts: Counter[str]) -> Iterator[str]:
    """The most frequent words, each as often as it was counted, for a trainer of the library to count again.

    Texts are short because a trainer holds many at once, and in a fixed order.
    """
    for word in sorted(most_frequent(counts)[:MOST_WORDS_TO_LEARN_FROM]):
        for start in range(0, counts[word], COPIES_AT_ONCE):
            yield " ".join([word] * min(COPIES_AT_ONCE, counts[word] - start))


def _added(inner: tokenizers.Tokenizer, chunks: Counter[str], words: Counter[str]) -> Counter[str]:
    for chunk, times in chunks.items():
        normal = inner.normalizer.normalize_str(chunk) if inner.normalizer else chunk
        for word, _ in inner.pre_tokenizer.pre_tokenize_str(normal):
            words[word] += times
    return words


def _forgetting(words: Counter[str]) -> Counter[str]:
    if len(words) <= MOST_WORDS:
        return words
    return Counter({word: words[word] for word in most_frequent(words)[: MOST_WORDS // 2]})
