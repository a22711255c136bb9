"""Plain text in three splits, some of which have files of their own."""

from pathlib import Path

import pytest

from tandem.core.errors import DataError
from tandem.text.files.plain_text import PlainText


def made(folder: Path, **paragraphs: int) -> PlainText:
    """A text with a file for each split that is named, of so many paragraphs."""
    files: dict[str, list[Path]] = {"train": [], "validation": [], "test": []}
    for split, count in paragraphs.items():
        path = folder / f"{split}.txt"
        path.write_text("".join(f"{split} {number}.\n\n" for number in range(count)), encoding="utf-8")
        files[split].append(path)
    return PlainText(files, {path: path.name for named in files.values() for path in named})


def read(text: PlainText, split: str) -> list[str]:
    return [example.text for example in text.examples(split)]


def test_a_split_with_a_file_of_its_own_takes_no_share_of_the_others(tmp_path: Path) -> None:
    text = made(tmp_path, train=40, validation=3)
    assert read(text, "validation") == ["validation 0.", "validation 1.", "validation 2."]
    assert read(text, "test") == ["train 19.", "train 39."]
    assert len(read(text, "train")) == 38
    assert text.notes() == ["of every twenty paragraphs one is for test"]


def test_all_splits_may_have_files(tmp_path: Path) -> None:
    text = made(tmp_path, train=25, validation=1, test=1)
    assert len(read(text, "train")) == 25
    assert text.notes() == []
    assert text.labels() == ()


def test_a_file_of_a_split_without_text_is_named(tmp_path: Path) -> None:
    text = made(tmp_path, train=40, test=0)
    with pytest.raises(DataError, match=r"test\.txt: no text to read: empty, or white space"):
        read(text, "test")


def test_each_split_is_looked_at_before_anything_is_read(tmp_path: Path) -> None:
    made(tmp_path, train=40, test=1)
    (tmp_path / "test.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(DataError, match=r"test\.txt: not UTF-8: line 1, byte 3"):
        PlainText({"train": [tmp_path / "train.txt"], "validation": [], "test": [tmp_path / "test.txt"]}, {})
