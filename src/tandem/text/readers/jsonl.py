"""JSON lines: an object on each line."""

import json
from collections.abc import Iterator, Sequence

from tandem.core.errors import DataError
from tandem.text.readers.base import Reader, Row
from tandem.text.readers.decoding import LARGEST_ROW, lines
from tandem.text.readers.objects import cells, too_long


class JsonLines(Reader):
    """An object on each line; empty lines are passed over."""

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:  # noqa: ARG002
        for number, line in enumerate(lines(self.path), start=1):
            where = f"{self.path}, line {number}"
            if len(line) == LARGEST_ROW:
                raise too_long(line, where)
            if not (written := line.rstrip()):
                continue
            try:
                value = json.loads(written)
            except json.JSONDecodeError as error:
                raise DataError(f"{where}, character {error.colno}: no JSON: {error.msg}") from None
            except RecursionError:
                raise DataError(f"{where}: lists or objects are nested too deeply") from None
            except ValueError as error:
                raise DataError(f"{where}: {error}") from None
            yield Row(f"line {number}", cells(value, written, where))
