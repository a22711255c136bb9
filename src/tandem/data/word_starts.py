"""Where the words of a text begin among its tokens."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def word_starts(words: Sequence[str], spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The number of each word's first token, -1 for a word that has none, (words,).

    `spans` are the (start, end) characters of the tokens of the words joined by single spaces. A token belongs to a
    word if it ends behind the word's first character; one that holds the space in front of its word does.
    """
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    ends = np.cumsum(lengths + 1) - 1
    edges = np.array(spans, dtype=np.int64).reshape(-1, 2)
    found = np.searchsorted(edges[:, 1], ends - lengths, side="right")
    # Behind the last token there is none, and what begins behind the word is another word's.
    firsts = np.append(edges[:, 0], np.iinfo(np.int64).max)[found]
    return np.where(firsts < ends, found, -1)
