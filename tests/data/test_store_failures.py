import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import files_of_at_most
from shelf import SMALL, Shelf

from tandem.core.errors import DataError, ResourceError
from tandem.data.store import Store, prepare
from tandem.text.splits import SPLITS

PREPARE = """
import sys
from tandem.data.store import prepare
from tandem.text.corpora.file import File
def said(line):
    if line.startswith("preparing"):
        print("built")
reader = {"kind": "wordpiece", "size": 200}
store = prepare(File(path=sys.argv[1]), "file", options={}, tokenizer=reader, say=said)
print(store.split("train").tokens.tolist(), store.folder)
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(corpus: Shelf) -> Store:
    return prepare(corpus, "shelf", options={}, tokenizer={"kind": "words", "size": 300})


def left(cache: Path) -> list[str]:
    """What stands in the cache, but for the folders that hold locks."""
    folders = [folder for folder in (cache / "stores").iterdir() if folder.name != ".locks"]
    return [str(path) for folder in folders for path in [folder, *folder.rglob("*")]]


@pytest.mark.parametrize("splits", [{}, {"train": {}, "validation": SMALL["validation"]}])
def test_without_text_to_train_on_nothing_is_built(splits: dict[str, dict[str, list[str]]], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="corpus shelf: no text to train on"):
        stored(Shelf(splits))
    assert left(tmp_path) == []


@pytest.mark.parametrize("validation", [{}, {"c": ["...", "!"]}])
def test_without_text_to_validate_on_nothing_is_built(validation: dict[str, list[str]], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="corpus shelf: too little text"):
        stored(Shelf({**SMALL, "validation": validation}))
    assert left(tmp_path) == []


def test_a_build_that_fails_half_way_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the shelf broke"):
        stored(Shelf(SMALL, fails_after=1))
    assert left(tmp_path) == []
    assert stored(Shelf(SMALL)).meta["splits"]["train"]["examples"] == 3


def test_a_build_that_was_killed_is_swept_away(tmp_path: Path) -> None:
    folder = stored(Shelf(SMALL)).folder
    half = folder.rename(folder.with_name(f"{folder.name}.tmp"))
    (half / "train.tokens").write_bytes(b"half")
    assert stored(Shelf(SMALL)).meta["splits"]["train"]["examples"] == 3
    assert not half.exists()


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    long = {**SMALL, "train": {"a": ["The wind blows and we wait. " * 200]}}
    with files_of_at_most(2000), pytest.raises(ResourceError, match="no room left on the disk"):
        stored(Shelf(long))
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    ["train.tokens", "train.examples", "validation.sentences", "test.documents", "counts.i64", "meta.json"],
)
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_store_that_lost_a_part_is_built_again(name: str, damage: str) -> None:
    store = stored(Shelf(SMALL))
    before = {split: store.split(split).tokens.tolist() for split in SPLITS}
    path = store.folder / name
    whole = path.read_bytes()
    if damage == "cut":
        os.truncate(path, len(whole) - 3)
    else:
        path.unlink()
    corpus = Shelf(SMALL)
    again = stored(corpus)
    assert corpus.readings > 0
    assert {split: again.split(split).tokens.tolist() for split in SPLITS} == before
    assert path.read_bytes() == whole


def test_two_processes_at_once_build_one_store_that_both_read(book: Path) -> None:
    command = [sys.executable, "-c", PREPARE, str(book)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0].splitlines() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers[0][-1] == answers[1][-1] != ""
    assert sum(answer.count("built") for answer in answers) == 1
