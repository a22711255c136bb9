"""Every command and every program on the page about other libraries runs as printed, one after the other."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import Ask

from tandem.interop.export import CLASSES
from tandem.interop.sentence_transformers import POOLINGS
from tandem.lab.folder import OpenRun

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/interop.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
RUNS = {"mlm": "mlm", "story": "clm", "reviews": "classify", "pairs": "siamese"}
"""What the page calls a run, and which one it is here."""


def test_the_page_runs_as_printed(
    run_of: Callable[[str], OpenRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    for called, name in RUNS.items():
        Path("runs", called).symlink_to(run_of(name).folder.path)
    names: dict[str, Any] = {}
    for kind, content in BLOCKS:
        if kind == "python":
            exec(compile(content, "docs/interop.md", "exec"), names)
        for line in content.splitlines() if kind == "console" else []:
            answer = ask(*shlex.split(line.removeprefix("$ tandem ")))
            assert answer.code == 0, answer.err
    assert names["vectors"].shape == (2, 16)
    assert Path("exported/tuned/config.json").exists()


def test_the_page_names_every_objective_and_every_pooling() -> None:
    table = PAGE.partition("## Models")[2].partition("```")[0]
    assert [name for name in [*CLASSES, "translate"] if f"`{name}`" not in table] == []
    assert [kind for kind in POOLINGS if f"`{kind}`" not in PAGE.partition("## Sentence vectors")[2]] == []


def test_a_program_that_does_not_run_would_be_noticed() -> None:
    assert [kind for kind, _ in BLOCKS].count("python") == 4
    with pytest.raises(NameError):
        exec(compile("pipelin()", "docs/interop.md", "exec"), {})
