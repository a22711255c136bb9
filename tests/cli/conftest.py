"""A run to ask by the command line."""

from pathlib import Path

import pytest
from running import tiny, trained


@pytest.fixture(scope="session")
def finished(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    return trained(tiny(book, budget__steps=3), tmp_path_factory.mktemp("finished") / "run")
