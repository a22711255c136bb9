"""A small stand-in for SNLI in a mirror: a corpus that is read in plain words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tandem.text.hub import MIRROR

PAIR = ('A man, a boy\'s friend, plays the "guitar".', "The BOYS don't sleep, a dog runs!")
"""Of its words, in capitals and with punctuation, as the corpus reads no text."""


@contextmanager
def mirrored(folder: Path) -> Iterator[None]:
    """A mirror with 120 pairs, and few to validate and to test, while the block lasts."""
    who, what = ("man", "boy's friend", "dog"), ("plays the guitar", "sleeps", "doesn't run")
    place = folder / "stanfordnlp" / "snli" / "plain_text"
    place.mkdir(parents=True, exist_ok=True)
    for split, number in (("train", 120), ("validation", 12), ("test", 12)):
        rows = [
            {
                "premise": f"A {who[n % 3]}, {n}, {what[n % 2]}.",
                "hypothesis": f"The boys {what[n % 3]}!",
                "label": n % 3,
            }
            for n in range(number)
        ]
        (place / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MIRROR, str(folder))
        yield
