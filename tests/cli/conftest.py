"""The command line inside the test's own process, for what needs no process of its own."""

import sys
from pathlib import Path

import pytest
from running import Answer, Ask, tiny, trained

from tandem.cli.main import main


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Calls the command `tandem` with the arguments given."""

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["tandem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(ended.value.code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def finished(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    return trained(tiny(book, budget__steps=3), tmp_path_factory.mktemp("finished") / "run")
