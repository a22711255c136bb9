"""Files of vectors: three forms of the same numbers, whole or absent."""

import csv
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from running import files_of_at_most, left_half_written

from tandem.core.errors import DataError, ResourceError, UsageError
from tandem.lab.embed import Embedded
from tandem.lab.texts import lines_of
from tandem.lab.vectors import write_csv, write_json, write_npy


def texts() -> list[Embedded]:
    numbers = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    return [
        Embedded('a "b",', ["a", '"b",'], [(0, 1), (2, 6)], numbers[:2], numbers[0]),
        Embedded("", [], [], np.zeros((0, 4), dtype=np.float32), np.zeros(4, dtype=np.float32)),
        Embedded("é\n", ["é"], [(0, 1)], numbers[2:], numbers[2]),
    ]


def test_the_three_files_hold_the_same_numbers_to_the_last_bit(tmp_path: Path) -> None:
    write_json(tmp_path / "v.json", texts(), run="runs/x", layer="layer 1 (1 lstm)")
    write_csv(tmp_path / "v.csv", texts())
    write_npy(tmp_path / "v.npy", texts())
    expected = np.concatenate([text.vectors for text in texts()])
    assert np.array_equal(np.load(tmp_path / "v.npy"), expected)
    content = json.loads((tmp_path / "v.json").read_text(encoding="utf-8"))
    assert (content["run"], content["layer"]) == ("runs/x", "layer 1 (1 lstm)")
    tokens = [token for text in content["texts"] for token in text["tokens"]]
    assert np.array_equal(np.array([token["vector"] for token in tokens], dtype=np.float32), expected)
    assert [text["text"] for text in content["texts"]] == ['a "b",', "", "é\n"]
    assert [(token["token"], token["start"], token["end"]) for token in tokens] == [
        ("a", 0, 1),
        ('"b",', 2, 6),
        ("é", 0, 1),
    ]
    with (tmp_path / "v.csv").open(encoding="utf-8", newline="") as file:
        heading, *lines = csv.reader(file)
    assert heading == ["text", "token", "start", "end", "v0", "v1", "v2", "v3"]
    assert [line[:4] for line in lines] == [["1", "a", "0", "1"], ["1", '"b",', "2", "6"], ["3", "é", "0", "1"]]
    assert np.array_equal(np.array([line[4:] for line in lines], dtype=np.float32), expected)


WRITERS = {"v.json": partial(write_json, run="r", layer="l"), "v.csv": write_csv, "v.npy": write_npy}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("old")
    with files_of_at_most(16), pytest.raises(ResourceError, match="no room left"):
        WRITERS[name](path, texts())
    assert path.read_text() == "old"
    assert left_half_written(tmp_path) == []


def test_a_path_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_npy(tmp_path, texts())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"\xef\xbb\xbfone\r\n\r\ntwo", ["one", "", "two"]),
        ("a\u2028b\x0cc\nd\n\n \n".encode(), ["a\u2028b\x0cc", "d", "", " "]),
    ],
)
def test_a_text_is_a_line_whatever_ends_it(content: bytes, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_bytes(content)
    assert lines_of(tmp_path / "texts.txt") == expected


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        (b"", "holds no text"),
        (b" \n\n", "holds no text"),
        (b"a\nb\xff\n", "not UTF-8: line 2"),
    ],
)
def test_a_file_without_texts_is_refused(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "texts.txt").write_bytes(content)
    with pytest.raises(DataError, match=complaint):
        lines_of(tmp_path / "texts.txt")
