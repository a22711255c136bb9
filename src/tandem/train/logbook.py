"""A log of JSON lines that a resumed run continues where its checkpoint was taken."""

import json
import os
from pathlib import Path
from typing import Any

from tandem.core.errors import ArtifactError, disk_errors


class Logbook:
    """Appends one JSON object a line. Numbers that are not finite are refused: they are never logged."""

    def __init__(self, path: Path, *, keep: int) -> None:
        """Opens `path` and keeps its first `keep` bytes; what a later, lost part of a run wrote is cut off."""
        self.path = path
        with disk_errors(path):
            self.file = path.open("ab")
            size = self.file.tell()
            if size < keep:
                raise ArtifactError(
                    f"{path}: holds {size} bytes, and the checkpoint knows {keep}; it was shortened by hand"
                )
            self.file.truncate(keep)
            self.file.seek(keep)

    def write(self, line: dict[str, Any]) -> None:
        """One line."""
        with disk_errors(self.path):
            self.file.write(json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def synced(self) -> int:
        """Waits until all lines are on the disk; returns their size in bytes."""
        with disk_errors(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
        return self.file.tell()

    def close(self) -> None:
        """Writes what is left and closes the file."""
        with disk_errors(self.path):
            self.file.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """All lines of a log.

    Raises:
        ArtifactError: the log is missing or a line is no JSON object.
    """
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: cannot be read as a log ({error})") from None
