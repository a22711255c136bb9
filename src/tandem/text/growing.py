"""The text of tokens that come one after the other, told as soon as nothing behind it can change it."""

from collections.abc import Sequence
from typing import NamedTuple

from tandem.text.tokenizer import Tokenizer
from tandem.text.tokenizers.tokens import BYTES

LATE = 2
"""A decoder may join "don", "'" and "t" when the last has come: text is sure when so many tokens stand behind it."""
UNFINISHED = "\ufffd"
"""What a decoder writes for the first bytes of a character whose rest has not come yet."""
SPELLED = frozenset(BYTES)


class Grown(NamedTuple):
    """`sure` goes behind all that was told before and never changes; `unsure` is the rest as it looks now."""

    sure: str
    unsure: str


class GrowingText:
    """The text behind the tokens `begun`, read anew for each token from the last few of them alone.

    All that was told, and the last unsure text, is what decoding all tokens gives, less what the `begun` give alone.
    """

    def __init__(self, tokenizer: Tokenizer, begun: Sequence[int]) -> None:
        self.tokenizer = tokenizer
        self.recent = list(begun)
        """The tokens whose text may still change, behind one whose text does not: the first may be written otherwise
        than within a text (without the space in front of it), and only that one."""
        self.told = tokenizer.decode(begun)
        """What the recent tokens begin with and nobody is told again."""

    def add(self, token: int) -> Grown:
        """The text after one more token."""
        self.recent.append(token)
        whole = self.tokenizer.decode(self.recent)
        settled = self._settled()
        before = self.tokenizer.decode(self.recent[:settled])
        sure = _shared(before, whole).rstrip(UNFINISHED)
        # The tokens that were there at the beginning count as told, even those that the next bytes still change.
        start = len(_shared(self.told, whole))
        found = Grown(sure[start:], whole[max(start, len(sure)) :])
        if found.sure:
            self.told = sure
        if sure == before and len(self.told) <= len(sure) and settled > 1 and not self._is_byte(settled - 1):
            self.recent = self.recent[settled - 1 :]
            anew = self.tokenizer.decode(self.recent)
            self.told = anew[: len(anew) - (len(whole) - len(sure))]
        return found

    def _settled(self) -> int:
        """How many of the recent tokens have text that is sure, but for a character that is cut in two behind them.

        Bytes that stand side by side are read together: one that fits none of the others spoils them all.
        """
        settled = max(0, len(self.recent) - LATE)
        while settled and self._is_byte(settled - 1) and self._is_byte(settled):
            settled -= 1
        return settled

    def _is_byte(self, place: int) -> bool:
        return self.tokenizer.token(self.recent[place]) in SPELLED


def _shared(one: str, other: str) -> str:
    """What both texts begin with."""
    size = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[:size]
