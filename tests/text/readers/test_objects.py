"""What is a row of JSON."""

import json

import pytest

from tandem.core.errors import DataError
from tandem.text.readers.objects import cells, short, too_long


def test_an_object_is_a_row() -> None:
    assert cells({"text": "😀"}, '{"text": "\\ud83d\\ude00"}', "a.jsonl, line 1") == {"text": "😀"}


@pytest.mark.parametrize("value", [[], "one", 3, None, True])
def test_anything_else_is_none(value: object) -> None:
    with pytest.raises(DataError, match=r"^a\.jsonl, line 1: holds .*, no object; a row looks like"):
        cells(value, json.dumps(value), "a.jsonl, line 1")


@pytest.mark.parametrize("cell", ["\ud800", ["fine", "\udfff"], {"deep": {"er": "\ud83d"}}])
def test_half_a_character_is_found_wherever_it_stands(cell: object) -> None:
    row = {"id": 1, "text": cell}
    with pytest.raises(DataError, match=r"^a\.jsonl, line 1, column text: \\u[0-9a-f]{4} is half of a character"):
        cells(row, json.dumps(row), "a.jsonl, line 1")


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ('{"id": 1, "text": "endless', ", column text"),
        ('{"te\\"xt": "endless', ', column te\\"xt'),
        ('{"list": ["endless', ""),
        ("[" * 100_000, ""),
        ('{"fine": 1}', ""),
    ],
)
def test_a_row_without_end_names_the_column_that_has_none(written: str, column: str) -> None:
    assert str(too_long(written, "a.jsonl, line 1")).startswith(f"a.jsonl, line 1{column}: more than 16,777,216")


def test_long_values_are_shortened() -> None:
    assert short("x" * 50) == '"' + "x" * 36 + "..."
    assert short({"a": "é"}) == '{"a": "\\u00e9"}'
