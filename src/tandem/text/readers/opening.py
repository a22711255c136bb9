"""From a path to the bytes of a file, unpacked where they are compressed, whatever the file is called."""

import gzip
import hashlib
import io
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from tandem.core.errors import DataError, UsageError, disk_errors

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
AGAIN = "copy or download it again"


def library(path: Path) -> ModuleType:
    """The module pyarrow, which reading `path` needs.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise UsageError(f"{path}: needs the extra tables: pip install -e '.[tables]' in the clone") from None
    module: ModuleType = pyarrow
    return module


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file in their order.

    Raises:
        UsageError: packed with zstd, and pyarrow is not installed.
        DataError: absent, not to be read, or its compression is damaged.
    """
    with _reading(path), path.open("rb") as file, _unpacked(path, file) as unpacked:
        yield unpacked


@contextmanager
def seekable(path: Path) -> Iterator[Any]:
    """A file of pyarrow's own, for formats that are read from their end; packed ones lie in a temporary file meanwhile.

    A Python file would be read and let go by threads of pyarrow's, and one of them that waits for the interpreter while
    it ends aborts the process (https://github.com/apache/arrow/issues/34314).

    Raises:
        What `opened` raises, and ResourceError where the disk has no room for the temporary file.
    """
    pyarrow = library(path)
    with _reading(path), path.open("rb") as file, _unpacked(path, file) as unpacked:
        if unpacked is file:
            with pyarrow.OSFile(os.fsencode(path)) as own:
                yield own
            return
        with disk_errors(tempfile.gettempdir()), tempfile.NamedTemporaryFile() as copy:
            shutil.copyfileobj(unpacked, copy)
            copy.flush()
            with pyarrow.OSFile(os.fsencode(copy.name)) as own:
                yield own


@contextmanager
def _unpacked(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """`file` itself, or what is packed in it: its first bytes tell."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(GZIP):
        with gzip.open(file) as unpacked:
            yield unpacked  # type: ignore[misc]
    elif start == ZSTD:
        with io.BufferedReader(library(path).CompressedInputStream(file, "zstd")) as unpacked:
            yield unpacked
    else:
        yield file


def digest(path: Path) -> bytes:
    """The SHA-256 of a file as it lies on the disk.

    Raises:
        DataError: absent, or not to be read.
    """
    with _reading(path), path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


def head(path: Path, size: int) -> bytes:
    """The first `size` bytes, unpacked.

    Raises:
        What `opened` raises.
    """
    with opened(path) as file:
        return file.read(size)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise DataError(f"{path}: cut: it ends in the middle of its gzip data; {AGAIN}") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: damaged gzip data ({error}); {AGAIN}") from None
    except OSError as error:
        # pyarrow reports damaged zstd data as an OSError without a number.
        raise DataError(f"{path}: {error.strerror or f'damaged or cut ({error}); {AGAIN}'}") from None
