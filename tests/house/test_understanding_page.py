"""The commands of the page about understanding run as printed, in a moment: with few steps and rows."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from running import Ask

from tandem.core import parts
from tandem.core.tables import TransferTable
from tandem.nn.pooling import PoolingKind
from tandem.objectives.classify import Classify
from tandem.objectives.cross import Cross
from tandem.objectives.siamese import Siamese

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/understanding.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
RECIPES = {content.split()[1]: content for kind, content in BLOCKS if kind == "toml"}
QUICK = shlex.split("--set train.precision=fp32 --set train.evaluate_tokens=99")
ROWS = ["--set", "corpus.rows=100"]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the page takes for given: reviews, pairs, its own recipes and those of the repository."""
    reviews = [f"{n},the film number {n} was {('bad', 'good')[n % 2]},{n % 2}" for n in range(80)]
    (tmp_path / "reviews.csv").write_text("\n".join(["id,review,stars", *reviews]), encoding="utf-8")
    (tmp_path / "pairs.csv").write_text("hypothesis,premise\nA dog swims.,All dogs swim.\n", encoding="utf-8")
    for name, content in RECIPES.items():
        small = re.sub(r"^tokens = .*", "steps = 2", content, flags=re.MULTILINE)
        (tmp_path / name).write_text(small, encoding="utf-8")
    (tmp_path / "recipes").mkdir()
    for name in ("classify", "inference"):
        content = (ROOT / f"recipes/{name}.toml").read_text(encoding="utf-8")
        small = re.sub(r"^tokens = .*", "steps = 2", content, flags=re.MULTILINE)
        (tmp_path / f"recipes/{name}.toml").write_text(small, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def quickly(command: str) -> list[str]:
    """The arguments of a command of the page, for a moment's work."""
    arguments = shlex.split(command)[1:]
    if arguments[0] == "train":
        is_made = not {"reviews.csv", "frozen.toml"} & {*arguments}
        arguments += QUICK + (ROWS if is_made else [])
        if arguments[1] in RECIPES:
            arguments += ["--out", f"runs/{Path(arguments[1]).stem}"]
    return arguments


def test_the_commands_print_what_the_page_shows(files: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    # Other tests draw; here it is most of the time.
    monkeypatch.setattr("tandem.lab.card.drawable", lambda: False)
    output = ""
    for line in (line for kind, content in BLOCKS if kind == "console" for line in content.splitlines()):
        if not line.startswith("$ "):
            for shown in filter(None, map(str.strip, line.split("…"))):
                assert shown in output, line
        else:
            answer = ask(*quickly(line[2:]))
            assert answer.code == 0, answer.err
            output = answer.out
    assert len((files / "judged.csv").read_text(encoding="utf-8").splitlines()) == 81
    assert (files / "runs/tuned/predictions.csv").is_file()


def test_every_option_of_the_page_s_tasks_is_on_it() -> None:
    options = {name for part in (Classify, Siamese, Cross) for name in parts.options(part)}
    assert [name for name in options if f"`{name}`" not in PAGE and f"`{name} = " not in PAGE] == []
    table = PAGE.partition("| key under `[transfer]` |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE) == list(TransferTable.model_fields)
    assert [kind for kind in get_args(PoolingKind) if f"`{kind}`" not in PAGE] == []


def test_every_recipe_that_the_page_names_is_there() -> None:
    text = PAGE.partition("## Messages")[0]
    named = {name for name in re.findall(r"`([\w/-]+\.toml|recipes/[\w/-]+/)`", text) if name not in RECIPES}
    assert len(named) >= 8
    folder = ROOT / "recipes"
    assert [name for name in named if not (folder / name.removeprefix("recipes/")).exists()] == []
    assert all(tomllib.loads(content)["budget"] for content in RECIPES.values())


def test_every_message_of_the_page_is_one_that_tandem_says() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/tandem").rglob("*.py"))
    said = re.sub(r"[\"']\s*\n\s*f?[\"']", "", sources)
    rows = re.findall(r"^\|[^`]*`(.+?)`", PAGE.partition("| message |")[2], flags=re.MULTILINE)
    assert len(rows) == 6
    assert [row for row in rows if row not in said] == []
