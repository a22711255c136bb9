import json
from itertools import groupby
from pathlib import Path

import pytest

from tandem.core.errors import DataError, UsageError
from tandem.text.corpora.blimp import PARADIGMS, Blimp
from tandem.text.hub import MIRROR


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a mirror with two paradigms of three made-up pairs each."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    for paradigm in ("wh_island", "causative"):
        folder = tmp_path / Blimp.identifier / paradigm
        folder.mkdir(parents=True)
        rows = [{"sentence_good": f"good {row}", "sentence_bad": f"bad {row}", "UID": paradigm} for row in range(3)]
        (folder / "train-00000-of-00001.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tmp_path / Blimp.identifier


def test_all_pairs_test_and_a_document_is_a_paradigm(mirror: Path) -> None:
    examples = list(Blimp().examples("test"))
    assert [(document, len(list(pairs))) for document, pairs in groupby(example.document for example in examples)] == [
        ("causative", 3),
        ("wh_island", 3),
    ]
    assert (examples[0].text, examples[0].second, examples[0].target) == ("good 0", "bad 0", None)
    assert list(Blimp().examples("train")) == list(Blimp().examples("validation")) == []
    assert Blimp().notes() == ["2 of 67 paradigms are read; all of their pairs test"]


def test_one_paradigm_may_be_chosen(mirror: Path) -> None:
    assert {example.document for example in Blimp(paradigm="wh_island").examples("test")} == {"wh_island"}
    assert Blimp(paradigm="wh_island").fingerprint() != Blimp().fingerprint()


def test_a_paradigm_that_the_mirror_lacks_is_told(mirror: Path) -> None:
    with pytest.raises(DataError, match=r"nyu-mll/blimp: not in the mirror .*; expected the folder .*/passive_1$"):
        list(Blimp(paradigm="passive_1").examples("test"))


def test_a_mirror_without_any_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(tmp_path))
    with pytest.raises(DataError, match=r"^nyu-mll/blimp: none of its 67 paradigms is in the mirror"):
        Blimp().fingerprint()


def test_a_paradigm_that_does_not_exist_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r'unknown paradigm "wh_iland"; did you mean "wh_island"\?'):
        Blimp(paradigm="wh_iland")
    assert len(set(PARADIGMS)) == 67
