"""The command `export`: what it prints, what it refuses, and that what it prints can be typed."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running import python

from tandem.cli.main import main
from tandem.lab.folder import OpenRun

RunOf = Callable[[str], OpenRun]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[object, str, str]]:
    """Calls the command `tandem` with the arguments given: its exit code and what it wrote."""

    def call(*arguments: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["tandem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code, *capsys.readouterr())

    return call


def test_what_is_printed_loads_the_folder(
    ask: Callable[..., tuple[object, str, str]], run_of: RunOf, tmp_path: Path
) -> None:
    printed = ""
    for to in ("transformers", "sentence-transformers"):
        code, said, complaint = ask("export", run_of("classify").folder.path, "--to", to, "--out", tmp_path / to)
        assert (code, complaint) == (0, "")
        first, _, program = said.partition("\n")
        assert first == f"written: {tmp_path / to}"
        *lines, last = program.strip().splitlines()
        printed += "\n".join([*lines, f"print({last})\n"])
    done = python(printed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[{'label': '" in done.stdout


def test_without_out_the_export_stands_in_the_run(ask: Callable[..., tuple[object, str, str]], run_of: RunOf) -> None:
    run = run_of("tag").folder.path
    for code, complaint in ((0, ""), (2, "the folder is not empty; --force replaces it")):
        answer = ask("export", run, "--to", "transformers")
        assert answer[0] == code
        assert complaint in answer[2]
    assert (run / "transformers" / "config.json").exists()
    assert ask("export", run, "--to", "transformers", "--force")[0] == 0


def test_a_missing_library_is_one_line(
    ask: Callable[..., tuple[object, str, str]], run_of: RunOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith(("tandem.interop", "transformers"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "transformers", None)
    code, said, complaint = ask("export", run_of("mlm").folder.path, "--to", "transformers", "--out", tmp_path / "out")
    assert (code, said) == (2, "")
    assert "needs transformers, which is not installed: pip install -e '.[interop]' in the clone" in complaint
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out").exists()
