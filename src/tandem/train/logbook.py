"""A log of JSON lines that a resumed run continues where its checkpoint was taken."""

import errno
import json
import os
from pathlib import Path
from typing import Any

from tandem.core.errors import ArtifactError, DivergedError, disk_errors


class Logbook:
    """Appends one JSON object a line. A line is in the file whole or not at all, as soon as it is written."""

    def __init__(self, path: Path, *, keep: int) -> None:
        """Opens `path` and keeps its first `keep` bytes; what a later, lost part of a run wrote is cut off.

        Raises:
            ArtifactError: the file is shorter than that.
        """
        self.path, self.size = path, keep
        with disk_errors(path):
            there = path.stat().st_size if path.exists() else 0
            if there < keep:
                raise ArtifactError(
                    f"{path}: holds {there} bytes, and the checkpoint knows {keep}; it was shortened by hand"
                )
            self.file = path.open("ab", buffering=0)
            self.file.truncate(keep)

    def __enter__(self) -> "Logbook":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, line: dict[str, Any]) -> None:
        """One line.

        Raises:
            DivergedError: a number in it is not finite. ResourceError: the disk is full.
        """
        try:
            data = json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except ValueError:
            raise DivergedError(f"step {line.get('step')}: a number for {self.path.name} is not finite") from None
        with disk_errors(self.path):
            try:
                if self.file.write(data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                self.file.truncate(self.size)
                raise
        self.size += len(data)

    def synced(self) -> int:
        """Waits until all lines are on the disk; returns their size in bytes."""
        with disk_errors(self.path):
            os.fsync(self.file.fileno())
        return self.size


def read_log(path: Path) -> list[dict[str, Any]]:
    """All lines of a log.

    Raises:
        ArtifactError: the log is missing or a line is no JSON object.
    """
    try:
        # Not splitlines: guessed tokens may hold signs that end a line elsewhere, such as U+2028.
        return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: cannot be read as a log ({error})") from None
