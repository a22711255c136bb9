"""The command line inside the test's own process."""

import sys

import pytest
from running import Answer, Ask

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
