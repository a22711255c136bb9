"""Arrow files: the random-access format (also called Feather), and the stream that `datasets` saves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tandem.text.readers.base import Reader, Row
from tandem.text.readers.columnar import classes_in, decoding, numbered, refuse_doubles
from tandem.text.readers.opening import head, library, seekable

FILE_MAGIC = b"ARROW1"


class Arrow(Reader):
    """The rows of an Arrow file, batch by batch as it was written; needs the extra `tables`."""

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        with self._opened() as (_, batches):
            yield from numbered(batches, columns)

    def classes(self) -> dict[str, tuple[str, ...]]:
        with self._opened() as (schema, _):
            return classes_in(schema)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Iterator[Any]]]:
        """The schema and the record batches."""
        ipc = library(self.path).ipc
        with seekable(self.path) as file, decoding(self.path, "Arrow"):
            if head(self.path, len(FILE_MAGIC)) == FILE_MAGIC:
                opened = ipc.open_file(file)
                batches = (opened.get_batch(number) for number in range(opened.num_record_batches))
            else:
                opened = ipc.open_stream(file)
                batches = iter(opened)
            refuse_doubles(self.path, opened.schema)
            yield opened.schema, map(_validated, batches)


def _validated(batch: Any) -> Any:
    """A batch whose offsets and texts are sound: pyarrow reads them unchecked, outside of the file if they are not."""
    batch.validate(full=True)
    return batch
