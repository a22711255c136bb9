"""The page about recipes names every key with its default, every legal word and every task; its recipe is one."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from running import Ask

from tandem.core import choices, parts, tables
from tandem.core.config import Recipe

PAGE = (Path(__file__).parents[2] / "docs/recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
TABLES = {
    name.removesuffix("Table").lower(): table
    for name, table in vars(tables).items()
    if name.endswith("Table") and name != "Table"
}
WORDS = (
    choices.BlockStyle, choices.Merge, choices.PositionKind, choices.Activation, choices.TokenizerKind, choices.Pack,
    choices.OptimiserName, choices.Decay, choices.Precision, choices.CompileMode, choices.Keep,
)  # fmt: skip


def defaults(name: str) -> dict[str, str]:
    """What the page says in the table `name` of each key that has a row of its own."""
    parted = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    section = next((part for part in parted if f"`[{name}]`" in part.splitlines()[0]), "")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, flags=re.MULTILINE)
    return {key: default.strip("` ").replace(",", "") for key, default in rows}


@pytest.mark.parametrize("name", TABLES)
def test_every_key_is_there_with_its_default(name: str) -> None:
    assert f"[{name}]" in PAGE
    said = defaults(name)
    for key, field in TABLES[name].model_fields.items():
        assert f"`{key}`" in PAGE, key
        if isinstance(field.default, str):
            assert said[key] == field.default
        elif isinstance(field.default, float | int) and key in said:
            assert said[key] == f"{field.default}".lower() or float(said[key]) == field.default, key


@pytest.mark.parametrize("key", Recipe.model_fields)
def test_every_table_and_key_at_the_top_is_there(key: str) -> None:
    assert f"`{key}`" in PAGE or f"[{key}]" in PAGE


def test_every_word_and_every_task_is_there() -> None:
    words = {word for literal in WORDS for word in get_args(literal)} | set(parts.names("tandem.tasks"))
    assert {word for word in words if f"`{word}`" not in PAGE} == set()


def test_the_recipe_of_the_page_can_be_trained(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (written,) = (content for kind, content in BLOCKS if kind == "toml")
    Path("mine.toml").write_text(written, encoding="utf-8")
    assert tomllib.loads(written)["budget"]
    (shown,) = (content for kind, content in BLOCKS if kind == "console")
    checked, trained = (shlex.split(line)[2:] for line in shown.splitlines() if line.startswith("$ "))
    assert checked == ["check", "mine.toml"]
    assert trained[0] == "train"
    answer = ask("check", *trained[1:])
    assert answer.code == 0, answer.err
