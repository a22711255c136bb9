"""What Parquet and Arrow files share: their errors, their rows, and the names that `datasets` gives to numbers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tandem.core.errors import DataError, TandemError
from tandem.text.readers.base import Row
from tandem.text.readers.opening import AGAIN, library

ROWS_AT_ONCE = 256
FEATURES = b"huggingface"


@contextmanager
def decoding(path: Path, kind: str) -> Iterator[None]:
    """Turns what pyarrow says about the content of `path` into ours.

    Raises:
        DataError: the file is no Parquet or Arrow file, is cut or damaged.
    """
    pyarrow = library(path)
    try:
        yield
    except TandemError:
        raise
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: a text in it is not UTF-8 ({error.reason}); write the file again") from None
    # Damaged lengths ask for any amount of memory, which is no shortage of it.
    except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        raise DataError(f"{path}: cut or damaged, or no {kind} file ({reason}); {AGAIN}") from None


def refuse_doubles(path: Path, schema: Any) -> None:
    """A row is read by the names of its columns.

    Raises:
        DataError: two columns have one name.
    """
    if twice := [name for name in schema.names if schema.names.count(name) > 1]:
        raise DataError(f'{path}: two columns are called "{twice[0]}"; rename one')


def numbered(batches: Iterator[Any], columns: Sequence[str] | None) -> Iterator[Row]:
    """The rows of record batches, counted through from 1."""
    number = 1
    for batch in batches:
        for begin in range(0, batch.num_rows, ROWS_AT_ONCE):
            part = batch.slice(begin, ROWS_AT_ONCE)
            needed = part if columns is None else part.select([name for name in part.schema.names if name in columns])
            for cells in needed.to_pylist():
                yield Row(f"row {number}", cells)
                number += 1


def classes_in(schema: Any) -> dict[str, tuple[str, ...]]:
    """The names of classes by column, where `datasets` wrote the file."""
    try:
        features = json.loads((schema.metadata or {})[FEATURES])["info"]["features"]
        return {column: names for column, feature in features.items() if (names := _names(feature))}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _names(feature: Any) -> tuple[str, ...]:
    """A class label, or a list of class labels, in the way that `datasets` writes down its types."""
    inner = feature.get("feature", feature) if isinstance(feature, dict) else {}
    return tuple(inner["names"]) if isinstance(inner, dict) and inner.get("_type") == "ClassLabel" else ()
