"""The study on the page about studies runs as printed, and the page names every key that a study may have."""

import re
import shlex
from pathlib import Path

import pytest
from running import Ask, written

from tandem.lab.studies import pace
from tandem.lab.studies.file import ArmTable, FactorsTable, StudyTable

PAGE = (Path(__file__).parents[2] / "docs/studies.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_run_its_study(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.chdir(tmp_path)
    # Nothing to measure: with one core runs follow each other.
    monkeypatch.setattr(pace, "cores", lambda: 1)
    (study,) = (content for kind, content in BLOCKS if kind == "toml")
    # Two seeds show what four do.
    (tmp_path / "study.toml").write_text(study.replace("[0, 1, 2, 3]", "[0, 1]"), encoding="utf-8")
    written(tmp_path / "shared.toml", book, model__width=96, budget__tokens=300)
    first, *_ = (content for kind, content in BLOCKS if kind == "console")
    for line in first.splitlines():
        answer = ask(*shlex.split(line)[1:])
        assert answer.code == 0, answer.err
    report = (tmp_path / "runs/study/report.html").read_text(encoding="utf-8")
    assert "Does an LSTM learn faster than attention?" in report


def test_every_key_is_on_the_page() -> None:
    for table in (StudyTable, ArmTable, FactorsTable):
        for key in table.model_fields:
            assert re.search(rf"(\[|`|^){key}(\.NAME|\.X)?(\]|`| =)", PAGE, flags=re.MULTILINE), key
