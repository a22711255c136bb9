import os
from pathlib import Path

import pytest

from tandem.core.errors import DataError
from tandem.text import hub


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with one data set of one file."""
    monkeypatch.setenv(hub.MIRROR, str(tmp_path))
    folder = tmp_path / "house" / "reviews"
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text('{"context": "good"}\n{"context": "bad"}\n')
    return folder


def test_without_a_mirror_nothing_is_mirrored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hub.MIRROR, raising=False)
    assert hub.mirrored("house/reviews") is None
    assert hub.identity("house/reviews") != hub.identity("house/letters")


def test_what_a_mirror_lacks_is_told_with_the_folder_that_is_missing(mirror: Path) -> None:
    assert hub.mirrored("house/reviews") == mirror
    with pytest.raises(DataError, match=r"house/letters: not in the mirror .*set by TANDEM_MIRROR.*house/letters"):
        hub.mirrored("house/letters")


def test_the_identity_of_a_mirrored_set_changes_with_its_files_and_only_then(mirror: Path) -> None:
    before = hub.identity("house/reviews")
    assert hub.identity("house/reviews") == before
    (mirror / "test.jsonl").write_text("{}")
    more = hub.identity("house/reviews")
    (mirror / "test.jsonl").unlink()
    assert hub.identity("house/reviews") == before
    path = mirror / "train.jsonl"
    path.write_text(path.read_text().replace("good", "well"))
    os.utime(path, ns=(1, 1))
    assert len({before, more, hub.identity("house/reviews")}) == 3


def test_rows_come_from_the_mirror_one_by_one(mirror: Path) -> None:
    pytest.importorskip("datasets", reason="the extra hub is not installed")
    assert [row["context"] for row in hub.rows("house/reviews", "train")] == ["good", "bad"]


def test_a_split_that_is_not_there_is_told_with_the_mirror(mirror: Path) -> None:
    pytest.importorskip("datasets", reason="the extra hub is not installed")
    with pytest.raises(DataError, match="house/reviews: split tset cannot be read from the mirror"):
        list(hub.rows("house/reviews", "tset"))


def test_a_damaged_file_is_told_with_the_mirror(mirror: Path) -> None:
    pytest.importorskip("datasets", reason="the extra hub is not installed")
    (mirror / "train.jsonl").unlink()
    (mirror / "train.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match="house/reviews: split train cannot be read from the mirror"):
        list(hub.rows("house/reviews", "train"))
