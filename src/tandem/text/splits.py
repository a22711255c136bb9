"""What trains, what validates and what tests: the names, and two rules for text that is not split yet."""

import hashlib
import string

SPLITS = ("train", "validation", "test")
SHARES = 20

_PUNCTUATION = str.maketrans("", "", string.punctuation + "\u2018\u2019\u201c\u201d\u2026")


def every_twentieth(index: int) -> str:
    """The split of the `index`-th document: of every twenty, one validates, one tests and eighteen train."""
    return {9: "validation", 19: "test"}.get(index % 20, "train")


def share(text: str) -> int:
    """A number from 0 to 19, a pure function of the letters and digits of `text`: case and punctuation do not count."""
    letters = "".join(text.lower().split()).translate(_PUNCTUATION)
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=8).digest(), "big") % SHARES
