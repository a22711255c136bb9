"""Files that are either whole or absent: write beside, fsync, rename. And folders with one owner."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tandem.core.errors import BusyError, disk_errors


def as_name(text: str) -> str:
    """`text` with what the name of a file or a folder may not hold replaced."""
    return "".join(sign if sign.isalnum() or sign in "+=._-" else "_" for sign in text)


@contextmanager
def synced_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file to write to, on the disk when the block ends; a failure inside leaves no file.

    Raises:
        ResourceError: the disk is full.
    """
    with disk_errors(path), _synced(path) as file:
        yield file


@contextmanager
def _synced(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_synced(path: Path, content: bytes) -> None:
    """Writes `content` and waits until it is on the disk; a failure leaves no file.

    Raises:
        ResourceError: the disk is full.
    """
    with synced_file(path) as file:
        file.write(content)


def sync_folder(path: Path) -> None:
    """Waits until the names inside the folder `path` are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` in one step when the block ends, and not at all when it fails.

    Raises:
        ResourceError: the disk is full; the old content stays.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.parent / f".{path.name}.{os.getpid()}.tmp"
        try:
            with _synced(beside) as file:
                yield file
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Replaces `path` in one step: a reader sees the old content or the new, never a part.

    Raises:
        ResourceError: the disk is full; the old content stays.
    """
    with atomic_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_json(path: Path, content: Any) -> None:
    """Writes indented JSON atomically. NaN and infinity are refused: they are not JSON."""
    write_atomic(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def remove(path: Path) -> None:
    """Removes a file or a folder with all it holds; an absent path is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def owned(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Holds an exclusive lock on `folder`, which is created where absent; the lock ends with the process.

    Raises:
        BusyError: another process holds it, and `wait` is false.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a")
    try:
        if not _locked(lock, wait=wait):
            raise BusyError(f"{folder}: another process is working in this folder; wait for it or choose another --out")
        yield
    finally:
        lock.close()


def _locked(lock: IO[str], *, wait: bool) -> bool:
    if wait:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return True
    for pause in (0.01, 0.1, 0.0):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Whoever asks `is_owned` holds it for a moment.
            time.sleep(pause)
        else:
            return True
    return False


def is_owned(folder: Path) -> bool:
    """Whether a process holds the lock on `folder`, as far as it can be seen; nothing is created."""
    try:
        with (folder / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
