"""JSON documents, decoded piece by piece."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from tables import Write, list_of_objects, object_of_lists, reviews

from tandem.core.errors import DataError
from tandem.text.readers.decoding import LARGEST_ROW
from tandem.text.readers.json import Json


def cells(path: Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    return [row.cells for row in Json(path).rows(columns)]


@pytest.mark.parametrize("written", [list_of_objects, object_of_lists])
def test_both_shapes_give_the_same_rows(written: Any, write: Write) -> None:
    path = write("a.json", written(reviews(300)))
    assert cells(path) == reviews(300)
    assert next(iter(Json(path).rows())).place == "row 1"


def test_of_an_object_of_lists_only_the_columns_that_are_needed_are_read(write: Write) -> None:
    path = write("a.json", object_of_lists(reviews(3)))
    assert cells(path, ["label"]) == [{"label": "neg"}, {"label": "pos"}, {"label": "neg"}]


@pytest.mark.parametrize("size", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
@pytest.mark.parametrize("written", [json.dumps, lambda rows: json.dumps(rows, ensure_ascii=False, indent=3)])
def test_values_that_lie_across_the_end_of_a_window_are_whole(size: int, written: Any, write: Write) -> None:
    rows = [{"text": "é" * (size - 30), "n": 1234567890123}, {"text": "x", "n": 12.5e-3}, {"text": "", "n": -7}]
    assert cells(write("a.json", written(rows))) == rows
    rows = [{"text": "y" * (2**20 - 40 + shift), "n": 123456} for shift in range(40)]
    assert cells(write("a.json", written(rows[:: 1 + (size > 2**20) * 5]))) == rows[:: 1 + (size > 2**20) * 5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '[{"text": "a"},\n {"text": "b"}\n',
            "line 3: behind row 2 a comma or the end of the list is expected, not the end .*cut",
        ),
        ('[{"text": "a"},\n {"text": "b" "c"}]', r"line 2: row 2: no JSON: Expecting ',' delimiter \(line 2\)"),
        ('[{"text": "a"},\n\n {"text": }]', r"line 3: row 2: no JSON: Expecting value"),
        ('[{"text": "a"}, ]', "row 2: no JSON: Expecting value"),
        ('[{"text": "a"} {"text": "b"}]', "a comma or the end of the list is expected, not"),
        ('[{"text": "a"}]\n[]', "line 2: something follows the end of the document"),
        ('[{"text": "a"}, "b"]', 'row 2: holds "b", no object; a row looks like'),
        ('[{"text": "\\ud800"}]', r"row 1, column text: \\ud800 is half of a character"),
        ('{"text": ["a", "b"],\n "label": ["x"]}', 'the list "label" has 1 values and the list "text" more'),
        ('{"text": ["a", "\\ud800"]}', r"row 2, column text: \\ud800 is half"),
        ('{"text": {"0": "a"}}', r'"text" is no list; .*orient="records"'),
        ('{"text": "a", "label": 1}', '"text" is no list'),
        ('{"text": ["a"]', "a comma or the end of the object is expected, not the end"),
        ('{"text" ["a"]}', "a colon is expected"),
        ('{3: ["a"]}', "a name in quotes is expected, not 3"),
        ("3", "a .json file holds a list of objects"),
        ("text,label\n", "a .json file holds a list of objects"),
        ("[" + "[" * 100_000, "nested too deeply"),
        ("", "a .json file holds"),
    ],
)
def test_a_document_that_is_wrong_is_told_with_its_line(content: str, message: str, write: Write) -> None:
    with pytest.raises(DataError, match=rf"a\.json.*{message}"):
        cells(write("a.json", content))


def test_a_value_without_end_is_told_with_its_column(write: Write) -> None:
    path = write("a.json", '[{"id": 3, "text": "' + "x" * 3 * LARGEST_ROW + '"}]')
    with pytest.raises(DataError, match=r"a\.json, row 1, column text: more than 16,777,216 characters; is a quote"):
        cells(path)


@pytest.mark.parametrize("written", [list_of_objects, object_of_lists])
def test_memory_does_not_grow_with_the_document(written: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.text.readers.json.CHUNK", 4096)
    path = write("a.json", written([{"text": "word " * 300, "label": n} for n in range(300)]))
    tracemalloc.start()
    try:
        assert sum(1 for _ in Json(path).rows()) == 300
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 4.5e5
    assert peak < 2e5
