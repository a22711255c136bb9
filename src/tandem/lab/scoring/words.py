"""Words of a text, and which of them each token belongs to."""

import re
from bisect import bisect_right
from collections.abc import Sequence

Span = tuple[int, int]
"""The first character, and the one behind the last."""

NO_SPACE = re.compile(r"\S+")


def word_spans(text: str) -> list[Span]:
    """Where the words of `text` stand: what is written between white space, punctuation included."""
    return [found.span() for found in NO_SPACE.finditer(text)]


def words_of_tokens(text: str, spans: Sequence[Span]) -> list[int]:
    """For each token, read from one of `spans`, the number of its word; -1 where the text has no word at all.

    A token belongs to the word of its first character that is no space. So one that spans two words counts with the
    first of them, and a byte-level token, which holds the space in front of its word, with that word. A token of
    nothing but spaces counts with the word behind it, as if it were part of such a token; at the end of the text, with
    the last word. The words of a text hence sum to the text.

    >>> words_of_tokens(" a bc", [(0, 2), (2, 3), (3, 4), (4, 5)])
    [0, 1, 1, 1]
    """
    ends = [end for _, end in word_spans(text)]
    # The first word that ends behind the beginning of the token, which may be a space.
    return [min(bisect_right(ends, start), len(ends) - 1) for start, _ in spans]


def spanning(text: str, span: Span) -> bool:
    """Whether a token was read from parts of two words."""
    return len(text[slice(*span)].split()) > 1
