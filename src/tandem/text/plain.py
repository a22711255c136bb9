"""Plain words: what is left where copies of a data set differ in case and punctuation."""

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tandem.text.example import Example

if TYPE_CHECKING:
    from tokenizers import normalizers

EDGES = "\"'`.,;:!?()[]{}\u2018\u2019\u201c\u201d\u2026"
PLAIN = (
    "texts are normalised: lower case, no punctuation at the edges of words (normalise = false reads them as they are)"
)
_SPACES, _EDGES = r"\s\x1c-\x1f", re.escape(EDGES)
_SPACE, _EDGE, _EITHER = f"[{_SPACES}]", f"[{_EDGES}]", f"[{_EDGES}{_SPACES}]"
# No pattern begins inside a run of what it looks for: a long run would be read once for each of its signs.
_REPLACED = (
    (rf"(?<!{_SPACE}){_SPACE}++(?='(?:s|m|d|ll|re|ve)\b)", ""),
    (rf"\A{_EDGE}{_EITHER}*|(?<!{_EITHER}){_EITHER}*{_EDGE}\z", ""),
    (rf"(?<!{_EDGE}){_EDGE}*+{_SPACE}{_EITHER}*", " "),
    (r" (?=n't\b)", ""),
)
RULES = [
    {"type": "Lowercase"},
    *({"type": "Replace", "pattern": {"Regex": pattern}, "content": content} for pattern, content in _REPLACED),
]
"""What a tokenizer carries of this in its `tokenizer.json`. It reads what stands around a [MASK] piece by piece.

So white space at an end of a piece stays, as one space, and of a piece of punctuation alone nothing does.
"""


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
    return _normaliser().normalize_str(text.strip()) or text


@cache
def _normaliser() -> "normalizers.Normalizer":
    """The rules in the library of tokenizers, which the first text loads: corpora are listed without it."""
    from tokenizers import Regex, normalizers

    replaced = (normalizers.Replace(Regex(pattern), content) for pattern, content in _REPLACED)
    return normalizers.Sequence([normalizers.Lowercase(), *replaced])
