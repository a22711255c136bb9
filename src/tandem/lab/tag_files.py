"""Tagged texts as files: each is written whole or not at all."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from tandem.core.files import atomic_file
from tandem.lab.scoring.tables import Cell, write_csv
from tandem.lab.tag import TaggedText

COLUMNS = ("row", "start", "end", "word", "tag", "probability")


def write_table(path: Path, texts: Iterable[TaggedText]) -> None:
    """Writes a CSV file with a row for each word: the number of its text from 1, its characters, itself, its tag.

    A text without words keeps a row, with its number alone.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    write_csv(path, COLUMNS, _rows(texts))


def written_as_lines(path: Path, texts: Iterable[TaggedText]) -> Iterator[TaggedText]:
    """The same; what passes is written as JSON, a line for each text, into a file that is there at the end.

    A line holds the text, its words, and the names in it where the tags mark names.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    with atomic_file(path) as file:
        for row, text in enumerate(texts, start=1):
            content = {name: value for name, value in asdict(text).items() if value is not None}
            line = json.dumps({"row": row, **content}, ensure_ascii=False)
            file.write(f"{line}\n".encode(errors="backslashreplace"))
            yield text


def _rows(texts: Iterable[TaggedText]) -> Iterator[tuple[Cell, ...]]:
    for row, text in enumerate(texts, start=1):
        if not text.words:
            yield row, None, None, None, None, None
        for word in text.words:
            yield row, word.start, word.end, word.text, word.tag, word.probability
