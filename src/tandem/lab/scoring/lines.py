"""What a person wants scored: the lines of a file, or a text."""

import os
from pathlib import Path

from tandem.core.errors import UsageError
from tandem.lab.texts import lines_of
from tandem.text.readers.formats import format_of, named_format


def scored_lines(path: Path) -> list[str]:
    """The lines of a text file without their ends, empty ones too.

    Raises:
        UsageError: a table. DataError: the file cannot be read, or holds no text.
    """
    if format_of(path) != "txt":
        raise UsageError(f"{path}: a table; scored are the lines of a text file, or pairs with --minimal-pairs")
    return lines_of(path)


def file_of(text: str) -> Path | None:
    """The file that `text` names; None where `text` is itself to be scored.

    Raises:
        UsageError: it reads like the name of a file, and there is none.
    """
    path = Path(text)
    try:
        if path.is_file():
            return path
    except OSError:
        # A sentence may be too long for a name.
        return None
    if text.split() == [text] and (named_format(path) or os.sep in text):
        raise UsageError(f"{text}: no such file; to score it as a text, write it into one")
    return None
