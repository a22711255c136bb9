"""The commands of the page about translation run as printed, in a moment: with few steps and rows and a small width."""

import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks import length
from tandem.cli.main import main
from tandem.core import parts
from tandem.core.config import checked_recipe
from tandem.lab.corpora import open_corpus
from tandem.nn.decoder import DECODERS
from tandem.objectives.translate import Translate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/translation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
LINES = [line for kind, content in BLOCKS if kind == "console" for line in content.splitlines()]
QUICK = shlex.split(
    "--set budget.steps=2 --set model.width=8 --set train.precision=fp32 --set train.evaluate_tokens=99"
)
ROWS = ["--set", "corpus.rows=60"]
PUBLIC = "runs/multi30k", "recipes/multi30k/transformer"
"""What of the commands reads the public data set, which is not everywhere."""
PAIRS = [(f"the {one} {two}", f"{two}{two} {one}") for one in "abcdefgh" for two in "ijklmnop"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "letters.txt").write_text("a b\nc d e\nf\n")
    (tmp_path / "letters.csv").write_text("letters,id\na b,1\nc,2\n")
    (tmp_path / "pairs.tsv").write_text("english\tgerman\n" + "".join(f"{a}\t{b}\n" for a, b in PAIRS))
    for name, side in (("english.txt", 0), ("german.txt", 1)):
        (tmp_path / name).write_text("".join(f"{pair[side]}\n" for pair in PAIRS))
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    return tmp_path


def ask(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs one command of the page."""
    arguments = shlex.split(command)
    if arguments[0] == "python":
        monkeypatch.setattr(sys, "argv", [arguments[2], *arguments[3:], "--beam", "1"])
        length.main()
        return
    quick = QUICK + (ROWS if "reverse" in command else []) if arguments[1] == "train" else []
    monkeypatch.setattr(sys, "argv", [*arguments, *quick])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0, command


def test_the_commands_print_what_the_page_shows(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for extra in ("matplotlib", "sacrebleu"):
        pytest.importorskip(extra, reason="an extra of the page is not installed")
    monkeypatch.chdir(files)
    output = ""
    for line in LINES:
        if line.startswith("$ ") and not any(public in line for public in PUBLIC):
            ask(line[2:], monkeypatch)
            captured = capsys.readouterr()
            output = captured.out
        elif not line.startswith("$ "):
            for shown in filter(None, line.split("…")):
                assert shown.strip() in output, line
    assert (files / "runs/alignment.png").is_file()
    assert (files / "runs/length/length.png").is_file()


def test_the_tables_of_recipes_on_the_page_are_legal(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    tables = [tomllib.loads(content) for kind, content in BLOCKS if kind == "toml"]
    recipe = checked_recipe(
        {"encoder": "gru", "budget": {"steps": 1}} | {key: value for table in tables for key, value in table.items()},
        where="page",
    )
    assert recipe.objective["decoder"].startswith("transformer")
    examples = list(open_corpus(recipe).corpus.examples("train"))
    assert (examples[0].text, examples[0].second) in PAIRS


def test_every_decoder_and_every_option_of_the_objective_is_on_the_page() -> None:
    assert [name for name in parts.names(DECODERS) if f"`{name}" not in PAGE] == []
    options = set(parts.options(Translate)) - {"decoder"}
    assert [name for name in options if f"`{name} = " not in PAGE] == []


def test_every_message_of_the_page_is_one_that_tandem_says() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/tandem").rglob("*.py"))
    said = re.sub(r"[\"']\s*\n\s*f?[\"']", "", sources)
    rows = re.findall(r"^\|[^`]*`(.+?)`", PAGE.partition("| message |")[2].partition("## ")[0], flags=re.MULTILINE)
    assert len(rows) == 5
    assert [row for row in rows if row not in said] == []
