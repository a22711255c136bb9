"""The user's plain text in three splits."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError
from tandem.text.example import Example
from tandem.text.readers.decoding import lines
from tandem.text.readers.txt import LONGEST_EXAMPLE, paragraphs
from tandem.text.splits import every_twentieth

BY_FILE_FROM = 20
GLANCE = 1000


class PlainText:
    """Paragraphs of text files; a document is a file.

    Twenty or more training files are split by file, fewer by paragraph: of every twenty, one validates and one tests,
    unless a split has files of its own.

    Raises:
        DataError: a split begins with a file the first 1,000 lines of which are no text.
    """

    kind: CorpusKind = "text"

    def __init__(self, files: Mapping[str, list[Path]], names: Mapping[Path, str]) -> None:
        self.files, self.names = files, names
        self.by_file = len(files["train"]) >= BY_FILE_FROM
        for own in files.values():
            for first in own[:1]:
                deque(islice(lines(first, limit=LONGEST_EXAMPLE), GLANCE), maxlen=0)

    def examples(self, split: str) -> Iterator[Example]:
        """The paragraphs of one split.

        Raises:
            DataError: a file cannot be read, or the split has no text.
        """
        found = counted = 0
        own = self.files[split] if split != "train" else []
        for number, file in enumerate(own or self.files["train"]):
            if not own and self.by_file and self._split_of(number) != split:
                continue
            for paragraph in paragraphs(file):
                if own or self.by_file or self._split_of(counted) == split:
                    found += 1
                    yield Example(paragraph, self.names[file])
                counted += 1
        if not found:
            raise self._empty(split, counted)

    def labels(self) -> tuple[str, ...]:
        """None: there is nothing to learn about the text."""
        return ()

    def notes(self) -> list[str]:
        """How the text is split."""
        what = "file" if self.by_file else "paragraph"
        shares = [split for split in ("validation", "test") if not self.files[split]]
        return [f"of every twenty {what}s one is for {' and one for '.join(shares)}"] if shares else []

    def _split_of(self, number: int) -> str:
        split = every_twentieth(number)
        return "train" if self.files[split] else split

    def _empty(self, split: str, counted: int) -> DataError:
        files = self.files[split] or self.files["train"]
        place = files[0] if len(files) == 1 else files[0].parent
        if not counted and (split == "train" or self.files[split]):
            return DataError(f"{place}: no text to {'train on' if split == 'train' else 'read'}: empty, or white space")
        what = f"{len(files)} files" if self.by_file else f"{counted} paragraphs"
        return DataError(
            f"{place}: too little text: {what}, and none with text for {split}; of every twenty, one is for validation "
            f"and one for test; leave an empty line between paragraphs, or set corpus.{split} = FILE"
        )
