"""The user's own plain text: one txt file or a folder of them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tandem.core.errors import DataError, UsageError
from tandem.text.corpora.base import Corpus, every_twentieth
from tandem.text.example import Example

FOLDER_SPLITS_BY_FILE_FROM = 20
LONGEST_EXAMPLE = 65_536


class File(Corpus):
    """Reads UTF-8 text; an example is a paragraph (lines up to an empty one), a document a file.

    A folder of twenty or more files is split by file. Fewer files are split by paragraph: of every twenty, one
    validates and one tests. A paragraph longer than 65,536 characters is cut there.
    """

    title = "Your own text"
    licence = "yours"
    citation = "none"
    source = "file"
    kind = "text"

    def __init__(self, *, path: str = "") -> None:
        if not path:
            raise UsageError('corpus file: say where the text is: corpus.path = "book.txt" or a folder of .txt files')
        self.path = Path(path)
        if not self.path.exists():
            raise DataError(f"corpus file: {path} does not exist")
        found = self.path.rglob("*.txt") if self.path.is_dir() else [self.path]
        self.files = sorted(file for file in found if not file.is_dir())
        if not self.files:
            raise DataError(f"corpus file: no .txt file under {path}")

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for file in self.files:
            with _read_errors(file), file.open("rb") as content:
                digest.update(os.fsencode(self._name(file)) + b"\0" + hashlib.file_digest(content, "sha256").digest())
        return digest.hexdigest()

    def _name(self, file: Path) -> str:
        """What tells `file` from the others: in a folder, its path inside it."""
        return str(file.relative_to(self.path)) if self.path.is_dir() else file.name

    def examples(self, split: str) -> Iterator[Example]:
        by_file = len(self.files) >= FOLDER_SPLITS_BY_FILE_FROM
        counted = 0
        for number, file in enumerate(self.files):
            if by_file and every_twentieth(number) != split:
                continue
            for paragraph in _paragraphs(file):
                if by_file or every_twentieth(counted) == split:
                    yield Example(paragraph, self._name(file))
                counted += 1


@contextmanager
def _read_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(f"corpus file: {file}: {error.strerror}") from None


def _paragraphs(file: Path) -> Iterator[str]:
    lines: list[str] = []
    size = 0
    with _read_errors(file), file.open(encoding="utf-8-sig") as content:
        number = 0
        while True:
            number += 1
            try:
                line = content.readline(LONGEST_EXAMPLE)
            except UnicodeDecodeError as error:
                raise DataError(
                    f"corpus file: {file}: not UTF-8 near line {number} ({error.reason}); convert it to UTF-8"
                ) from None
            if "\0" in line:
                raise DataError(f"corpus file: {file}, line {number}: holds NUL bytes, so it is not a text file")
            text = line.strip()
            if lines and (not text or size + len(text) > LONGEST_EXAMPLE):
                yield " ".join(lines)
                lines, size = [], 0
            if not line:
                return
            if text:
                lines.append(text)
                size += len(text) + 1
