"""Parquet files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tandem.text.readers.base import Reader, Row
from tandem.text.readers.columnar import ROWS_AT_ONCE, classes_in, decoding, numbered, refuse_doubles
from tandem.text.readers.opening import seekable


class Parquet(Reader):
    """The rows of a Parquet file, a few hundred at a time; needs the extra `tables`."""

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        with self._opened() as file:
            present = None if columns is None else [name for name in file.schema_arrow.names if name in columns]
            yield from numbered(file.iter_batches(ROWS_AT_ONCE, columns=present, use_threads=False), None)

    def classes(self) -> dict[str, tuple[str, ...]]:
        with self._opened() as file:
            return classes_in(file.schema_arrow)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with seekable(self.path) as file, decoding(self.path, "Parquet"):
            from pyarrow.parquet import ParquetFile

            opened = ParquetFile(file)
            refuse_doubles(self.path, opened.schema_arrow)
            yield opened
