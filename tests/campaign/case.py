"""One malformed input, and how a command must answer it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tables import Rows, reviews

ROWS = reviews(90)
MANY = reviews(1200)
"""More rows than a corpus looks at before anything is prepared."""


def paragraphs(rows: Rows) -> bytes:
    return "".join(f"{row['review']} It was shown\non day {row['id']}.\n\n" for row in rows).encode()


@dataclass(frozen=True)
class Case:
    """Files by name, the first of which is asked for, unless `path` names another file or folder.

    `says` is a pattern that the message must match; with `code` 0 the input is fine after all.
    """

    name: str
    files: dict[str, Callable[[], bytes]]
    says: str
    code: int = 3
    options: tuple[str, ...] = ()
    path: str = ""

    def written(self, folder: Path) -> Path:
        """Writes the files; returns what is asked for."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content())
        return folder / (self.path or next(iter(self.files)))
