"""What a file is, by its content and its name."""

from pathlib import Path

import pytest
from tables import FORMATS, PACKINGS, Write, reviews

from tandem.core.errors import DataError
from tandem.text.readers.base import Reader
from tandem.text.readers.formats import format_of, named_format, reader

pytest.importorskip("pyarrow", reason="the extra tables is not installed")


def made(path: Path) -> Reader | None:
    return reader(path, header=None, quotes=True, known=["review"])


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_in_every_packing(name: str, packing: str, write: Write) -> None:
    path = write(f"a.{name}{packing}", PACKINGS[packing](FORMATS[name](reviews(250))))
    table = made(path)
    assert table is not None
    assert [str(row.cells["id"]) for row in table.rows()] == [str(number) for number in range(250)]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", ["parquet", "arrow", "feather"])
def test_the_content_has_the_last_word(name: str, packing: str, write: Write) -> None:
    path = write("a.csv", PACKINGS[packing](FORMATS[name](reviews(3))))
    assert format_of(path) == {"feather": "arrow"}.get(name, name)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.json", '{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.json", '{"a": [1]}\n', "json"),
        ("a.json", '{"a":\n[1]}\n', "json"),
        ("a.json", '{\n"a": 1}\n{"a": 2}', "json"),
        ("a.jsonl", '[{"a": 1}]', "json"),
        ("a.jsonl", '{"a": 1}\n', "jsonl"),
        ("a.ndjson.gz", '{"a": 1}\n', "jsonl"),
        ("a.jsonl", '{"a": \n', "jsonl"),
        ("a.json", "", "json"),
        ("a.CSV", "a,b\n", "csv"),
        ("a.csv", '{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.tsv.gz", '[{"a": 1}]', "json"),
        ("a.csv", '{"a": [1]}', "json"),
        ("a.csv", "[sic],b\n{x},1\n", "csv"),
        ("a.csv", "{x},b\n", "csv"),
        ("a.md", "# a\n", "txt"),
        ("a", "a\n", "txt"),
        ("a.txt", '{"a": 1}\n', "txt"),
    ],
)
def test_text_is_what_it_is_called_and_json_what_it_looks_like(
    name: str, content: str, found: str, write: Write
) -> None:
    assert format_of(write(name, content)) == found
    assert (made(write(name, content)) is None) == (found == "txt")


def test_endings_promise_a_format() -> None:
    names = ["a.txt", "b.csv.gz", "c.tsv.zst", "d.json", "e.parquet", "f.arrow", "g.gz", "h.md", "i"]
    promised = ["txt", "csv", "csv", "json", "parquet", "arrow", None, None, None]
    assert [named_format(Path(name)) for name in names] == promised


def test_a_file_that_is_not_there_is_an_error_of_the_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: No such file"):
        format_of(tmp_path / "none.csv")
