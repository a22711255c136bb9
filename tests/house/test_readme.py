"""Every command that a page of documentation shows exists, with its options and its recipes."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from tandem.cli.main import app
from tandem.core import parts

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
GROUP = typer.main.get_command(app)


def commands(text: str) -> list[str]:
    """The lines of indented and fenced blocks that begin with `tandem `, continued lines joined."""
    found, fenced = [], False
    for line in text.replace("\\\n", " ").splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif (fenced or line.startswith("    ")) and re.match(r"(\.venv/bin/)?tandem ", line.strip()):
            found.append(line.strip())
    return found


def mistakes(line: str) -> list[str]:
    """What in a command line the program does not know."""
    _, name, *rest = shlex.split(line, comments=True)
    if name == "--help":
        return []
    command = GROUP.commands.get(name)  # type: ignore[attr-defined]
    if command is not None and hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands.get(name)
    if command is None:
        return [name]
    known = {option for part in command.params for option in part.opts} | {"--help"}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    absent = [word for word in rest if word.startswith("recipes/") and not any(ROOT.glob(word))]
    return unknown + absent


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda page: page.name)
def test_the_commands_of_a_page_can_be_typed(page: Path) -> None:
    wrong = {line: found for line in commands(page.read_text(encoding="utf-8")) if (found := mistakes(line))}
    assert wrong == {}


def test_the_readme_shows_the_commands_that_matter() -> None:
    shown = {line.split()[1] for line in commands((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert {"train", "compare", "fill-mask", "evaluate", "describe"} <= shown


def test_every_corpus_has_its_row() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs/corpora.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    shown = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert shown - {"name"} == set(parts.names("tandem.text.corpora"))


def test_a_wrong_command_would_be_noticed() -> None:
    indented = "Text\n\n    tandem train recipes/none.toml --sett x\n\n"
    fenced = "```sh\ntandem trian \\\n  mine.toml\ntandem describe lstm --width 3\ntandem data shwo sotu\n```\n"
    found = [mistakes(line) for line in commands(indented + fenced)]
    assert found == [["--sett", "recipes/none.toml"], ["trian"], [], ["shwo"]]
