"""JSON lines."""

import pytest
from tables import Write

from tandem.core.errors import DataError
from tandem.text.readers.decoding import LARGEST_ROW
from tandem.text.readers.jsonl import JsonLines


def test_each_line_is_a_row_and_empty_ones_are_none(write: Write) -> None:
    path = write("a.jsonl", '\ufeff{"text": "one", "label": 1}\r\n\r\n{"text": "\\ud83d\\ude00"}')
    assert list(JsonLines(path).rows()) == [("line 1", {"text": "one", "label": 1}), ("line 3", {"text": "😀"})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "one"', r"character 15: no JSON: Expecting ',' delimiter"),
        ('{"text": "one}', r"character 10: no JSON: Unterminated string"),
        ("{'text': 'one'}", r"character 2: no JSON: Expecting property name"),
        ('{"text": "a\tb"}', r"character 12: no JSON: Invalid control character"),
        ('["one", 1]', r'holds \["one", 1\], no object; a row looks like'),
        ('"one"', r'holds "one", no object'),
        ("3 4", r"character 3: no JSON: Extra data"),
        ('{"text": "one"}{"text": "two"}', "no JSON: Extra data"),
        ('{"text": "half \\ud83d"}', r"column text: \\ud83d is half of a character; write both halves"),
        ('{"label": 1, "text": ["half \\uDE00"]}', r"column text: \\ude00 is half"),
        ('{"text": ' + "[" * 100_000, "nested too deeply"),
        ('{"text": ' + "9" * 5000 + "}", "Exceeds the limit"),
    ],
)
def test_a_line_that_is_wrong_is_told(line: str, message: str, write: Write) -> None:
    path = write("a.jsonl", '{"text": "good"}\n' + line + "\n")
    with pytest.raises(DataError, match=rf"a\.jsonl, line 2.*{message}"):
        list(JsonLines(path).rows())


def test_a_line_without_end_is_told_with_its_column(write: Write) -> None:
    path = write("a.jsonl", '{"id": 3, "text": "' + "x" * (LARGEST_ROW + 9))
    with pytest.raises(DataError, match=r"line 1, column text: more than 16,777,216 characters; is a quote never"):
        list(JsonLines(path).rows())
