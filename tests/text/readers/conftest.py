"""Small files to read."""

from pathlib import Path

import pytest
from tables import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes one file and returns its path."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written
