"""The command line inside the test's own process."""

import sys

import pytest
from running import Answer, Ask

from tandem.cli.main import main


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-cases", action="store_true", help="every case of the campaign, not a fifth of them")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Calls the command `tandem` with the arguments given."""

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["tandem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Answer(ended.value.code, *capsys.readouterr())

    return call
