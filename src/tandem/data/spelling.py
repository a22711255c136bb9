"""The letters of words, as far as their tokens tell them."""

from itertools import count

import numpy as np
from numpy.typing import NDArray

from tandem.text.tokenizer import Tokenizer

LONGEST = 32
"""So many letters of a word are read; in UD EWT 0.07 % of the words, mostly addresses, have more."""
NO_LETTERS = "##", "\u0120", "\u2581"
"""What a tokenizer writes in front of a piece inside of a word, and for the space before one."""


class Spelling:
    """Numbers for letters, a pure function of the tokenizer: 0 is none, the others count letters in the vocabulary.

    A special token has no letters, nor has the unknown one: of a word outside the vocabulary of whole words nothing is
    known. A byte that stands for itself is one letter.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        special = set(tokenizer.special_ids)
        spelled = [() if token in special else _letters(tokenizer.token(token)) for token in range(tokenizer.size)]
        numbers = dict(zip(dict.fromkeys(letter for letters in spelled for letter in letters), count(1)))
        self.size = len(numbers) + 1
        self.table = np.zeros((tokenizer.size, max(map(len, spelled))), dtype=np.int64)
        for token, letters in enumerate(spelled):
            self.table[token, : len(letters)] = [numbers[letter] for letter in letters]

    def words(self, ids: NDArray[np.int64], begins: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The letters of each word that begins at a true place of `begins` (B, T), row by row, (N, L), 0 behind them.

        A word goes on to the next one, or to the end of the text.
        """
        words = np.where(begins.any(axis=1, keepdims=True), np.cumsum(begins).reshape(begins.shape) - 1, -1)
        before = np.cumsum(begins, axis=1) == 0
        letters = np.where((mask & ~before)[:, :, None], self.table[ids], 0)
        found = letters > 0
        word_of = np.broadcast_to(words[:, :, None], letters.shape)[found]
        place = np.arange(len(word_of)) - np.searchsorted(word_of, word_of)
        kept = place < LONGEST
        spelled = np.zeros((int(begins.sum()), int(place[kept].max(initial=0)) + 1), dtype=np.int64)
        spelled[word_of[kept], place[kept]] = letters[found][kept]
        return spelled


def _letters(token: str) -> tuple[str, ...]:
    for sign in NO_LETTERS:
        token = token.removeprefix(sign)
    is_byte = len(token) == 6 and token.startswith("<0x") and token.endswith(">")
    return (token,) if is_byte else tuple(token.strip())
