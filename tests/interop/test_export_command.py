"""The command `export`: what it prints, what it refuses, and that what it prints can be typed."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ask, python

from tandem.lab.folder import OpenRun

RunOf = Callable[[str], OpenRun]


def test_what_is_printed_loads_the_folder(ask: Ask, run_of: RunOf, tmp_path: Path) -> None:
    printed = ""
    for to in ("transformers", "sentence-transformers"):
        answer = ask("export", run_of("classify").folder.path, "--to", to, "--out", tmp_path / to)
        assert (answer.code, answer.err) == (0, "")
        first, _, program = answer.out.partition("\n")
        assert first == f"written: {tmp_path / to}"
        *lines, last = program.strip().splitlines()
        printed += "\n".join([*lines, f"print({last})\n"])
    done = python(printed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[{'label': '" in done.stdout


def test_without_out_the_export_stands_in_the_run(ask: Ask, run_of: RunOf) -> None:
    run = run_of("tag").folder.path
    for code, complaint in ((0, ""), (2, "the folder is not empty; --force replaces it")):
        answer = ask("export", run, "--to", "transformers")
        assert answer.code == code
        assert complaint in answer.err
    assert (run / "transformers" / "config.json").exists()
    assert ask("export", run, "--to", "transformers", "--force").code == 0


def test_a_missing_library_is_one_line(
    ask: Ask, run_of: RunOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith(("tandem.interop", "transformers"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "transformers", None)
    answer = ask("export", run_of("mlm").folder.path, "--to", "transformers", "--out", tmp_path / "out")
    assert (answer.code, answer.out) == (2, "")
    assert "needs transformers, which is not installed: pip install -e '.[interop]' in the clone" in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
