"""Which files train, validate and test."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tandem.core.errors import DataError, TandemError, UsageError
from tandem.text.files.folders import chosen

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A folder with empty files of these names."""

    def made(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return made


def names(folder: Path, **own: Path) -> dict[str, list[str]]:
    files, left_out = chosen(folder, own)
    found = {split: [str(file.relative_to(folder)) for file in named] for split, named in files.items()}
    return {**found, "left out": [str(file.relative_to(folder)) for file in left_out]}


@pytest.mark.parametrize(
    ("inside", "train", "validation", "test"),
    [
        (["train.csv", "dev.csv", "test.csv"], ["train.csv"], ["dev.csv"], ["test.csv"]),
        (["train.txt", "valid.txt"], ["train.txt"], ["valid.txt"], []),
        (["training.tsv.gz", "testing.tsv.gz"], ["training.tsv.gz"], [], ["testing.tsv.gz"]),
        (
            ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "validation-00000-of-00001.parquet"],
            ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"], ["validation-00000-of-00001.parquet"], [],
        ),
        (
            ["train/data-0.arrow", "train/dataset_info.json", "test/data-0.arrow", "dataset_dict.json"],
            ["train/data-0.arrow"], [], ["test/data-0.arrow"],
        ),
        (["train.csv", "other.csv"], ["other.csv", "train.csv"], [], []),
        (["trains.txt", "testament.txt", "b/a.txt"], ["b/a.txt", "testament.txt", "trains.txt"], [], []),
        (["a.jsonl", "b.json", ".hidden.csv", ".git/c.csv"], ["a.jsonl", "b.json"], [], []),
    ],
)  # fmt: skip
def test_files_are_split_by_their_names(
    inside: list[str], train: list[str], validation: list[str], test: list[str], make: Make
) -> None:
    assert names(make(*inside)) == {"train": train, "validation": validation, "test": test, "left out": []}


def test_what_cannot_be_read_is_named_and_what_is_hidden_is_not(make: Make) -> None:
    folder = make("a.txt", "interview.docx", "b/image.png", ".hidden.doc", ".git/c.png")
    assert names(folder) == {
        "train": ["a.txt"], "validation": [], "test": [], "left out": ["b/image.png", "interview.docx"],
    }  # fmt: skip


def test_what_belongs_to_no_split_is_left_out(make: Make) -> None:
    assert names(make("train.csv", "test.csv", "notes.csv"))["left out"] == ["notes.csv"]


def test_files_that_the_user_names_have_the_last_word(make: Make) -> None:
    folder = make("train.csv", "test.csv", "mine.csv")
    assert names(folder, test=folder / "mine.csv")["test"] == ["mine.csv"]
    assert names(folder, validation=folder / "mine.csv")["validation"] == ["mine.csv"]


@pytest.mark.parametrize(
    ("inside", "path", "error", "message"),
    [
        ([], "none.csv", DataError, "none.csv does not exist"),
        (["a.png"], ".", DataError, r"no \.txt file under .* and no table"),
        (["a.csv", "b.csv", "c.txt"], ".", UsageError, r"holds files of several formats \(2 csv, 1 txt\); name a file"),
    ],
)
def test_what_cannot_be_read_is_told(
    inside: list[str], path: str, error: type[TandemError], message: str, make: Make
) -> None:
    with pytest.raises(error, match=message):
        chosen(make(*inside) / path, {})


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe: no regular file"):
        chosen(tmp_path / "pipe", {})
