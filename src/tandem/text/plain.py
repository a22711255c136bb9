"""Plain words: what is left where copies of a data set differ in case and punctuation."""

import re
from dataclasses import replace

from tandem.text.example import Example

EDGES = "\"'`.,;:!?()[]{}\u2018\u2019\u201c\u201d\u2026"
PLAIN = (
    "texts are normalised: lower case, no punctuation at the edges of words (normalise = false reads them as they are)"
)
_SPLIT_OFF = re.compile(r" (?=n't\b|'(?:s|m|d|ll|re|ve)\b)")


def plain(example: Example) -> Example:
    """`example` with both of its texts as plain words."""
    second = None if example.second is None else plain_words(example.second)
    return replace(example, text=plain_words(example.text), second=second)


def plain_words(text: str) -> str:
    """`text` in lower case, without punctuation at the edges of words; unchanged where nothing would be left.

    >>> plain_words("A boy's hat, and a \\"long-haired\\" dog.")
    "a boy's hat and a long-haired dog"
    >>> plain_words("a boy 's hat and they do n't run")
    "a boy's hat and they don't run"
    """
    words = (word.strip(EDGES) for word in _SPLIT_OFF.sub("", text.lower()).split())
    return " ".join(word for word in words if word) or text
