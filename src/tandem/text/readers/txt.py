"""Plain text: paragraphs."""

from collections.abc import Iterator
from pathlib import Path

from tandem.text.readers.decoding import lines

LONGEST_EXAMPLE = 65_536


def paragraphs(path: Path) -> Iterator[str]:
    """Lines up to an empty one, joined by spaces; what is longer than 65,536 characters is cut there.

    Raises:
        DataError: the file cannot be read, or is no text.
    """
    found: list[str] = []
    size = 0
    for line in lines(path, limit=LONGEST_EXAMPLE):
        text = line.strip()
        if found and (not text or size + len(text) > LONGEST_EXAMPLE):
            yield " ".join(found)
            found, size = [], 0
        if text:
            found.append(text)
            size += len(text) + 1
    if found:
        yield " ".join(found)
