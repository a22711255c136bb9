"""Every command on the page about the user's own data runs as printed, on the files that the page itself makes."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tandem.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/your-own-data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
QUICK = shlex.split(
    "--set budget.steps=2 --set model.width=8 --set train.precision=fp32 --set train.evaluate_tokens=99"
)
"""What the test adds to a training of the page: the same command, in a moment."""
CONSOLES = [content for kind, content in BLOCKS if kind == "console"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the page's script makes, and the recipes."""
    pytest.importorskip("pyarrow", reason="the extra tables is not installed")
    folder = tmp_path_factory.mktemp("page")
    (script,) = [content for kind, content in BLOCKS if kind == "python"]
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, timeout=60)
    (folder / "recipes").symlink_to(ROOT / "recipes")
    return folder


def steps(console: str) -> list[tuple[str, list[str]]]:
    """Each command of a block, with the lines that are printed below it."""
    found: list[tuple[str, list[str]]] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def missing(printed: list[str], output: str) -> list[str]:
    """The printed lines that do not occur in the output, one after the other; `…` stands for any lines."""
    left = [" ".join(line.split()) for line in output.splitlines()]
    lacking = []
    for line in printed:
        if line == "…":
            continue
        if (wanted := " ".join(line.split())) in left:
            left = left[left.index(wanted) + 1 :]
        else:
            lacking.append(line)
    return lacking


@pytest.mark.parametrize("console", CONSOLES, ids=lambda console: steps(console)[0][0])
def test_the_commands_of_the_page_print_what_it_shows(
    console: str, files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    for command, printed in steps(console):
        if not command.startswith("tandem "):
            subprocess.run(command, shell=True, check=True, timeout=60)
            continue
        quick = QUICK if command.startswith("tandem train") else []
        monkeypatch.setattr(sys, "argv", [*shlex.split(command), *quick])
        with pytest.raises(SystemExit) as ended:
            main()
        answer = capsys.readouterr()
        refused = any(line.startswith(("DataError", "UsageError")) for line in printed)
        assert (ended.value.code in (2, 3)) == refused, answer.err
        assert missing(printed, answer.out + answer.err) == [], answer.out + answer.err


def test_the_page_shows_every_command_for_data() -> None:
    shown = {" ".join(command.split()[:3]) for console in CONSOLES for command, _ in steps(console)}
    assert {"tandem data check", "tandem data show", "tandem data prepare"} <= shown
    assert any(line.startswith("tandem train") for line in shown)


def test_a_line_that_is_not_printed_would_be_noticed() -> None:
    assert missing(["a", "…", "c d"], "a\nb\nc   d\n") == []
    assert missing(["c", "a"], "a\nb\nc\n") == ["a"]


def test_every_message_of_the_page_is_one_that_tandem_says() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/tandem/text").rglob("*.py"))
    said = re.sub(r"[\"']\s*\n\s*f?[\"']", "", sources)
    rows = re.findall(r"^\| (`.+?`) \| .+? \| .+? \|$", PAGE.partition("## What went wrong")[2], flags=re.MULTILINE)
    messages = [message for row in rows for message in re.findall(r"`(.+?)`", row)]
    assert len(messages) > 20
    assert [message for message in messages if message not in said] == []
