"""Parallel text: two files, the lines of which are translations of each other."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from tandem.core.errors import DataError
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.decoding import LARGEST_ROW, lines


class Parallel(Reader):
    """Line n of `target` is the translation of line n of `path`; the columns are `source` and `target`."""

    def __init__(self, path: Path, target: Path) -> None:
        super().__init__(path)
        self.target = target

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:  # noqa: ARG002
        counted = [0, 0]
        for number, pair in enumerate(zip_longest(lines(self.path), lines(self.target)), start=1):
            for side, (path, line) in enumerate(zip((self.path, self.target), pair, strict=True)):
                if line is not None:
                    counted[side] = number
                    if len(line) == LARGEST_ROW:
                        raise DataError(f"{path}, line {number}: more than {LARGEST_ROW:,} characters; break it up")
            source, target = pair
            if source is not None and target is not None:
                yield Row(f"line {number}", {"source": source, "target": target})
        if counted[0] != counted[1]:
            raise DataError(
                f"{self.path} has {counted[0]:,} lines and {self.target} {counted[1]:,}; line n of one is the "
                "translation of line n of the other, so both need as many"
            )
