"""Parquet and Arrow."""

import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tables import Write, arrow_file, arrow_stream, parquet, reviews

from tandem.core.errors import DataError, UsageError
from tandem.text.readers.arrow import Arrow
from tandem.text.readers.columnar import classes_in
from tandem.text.readers.parquet import Parquet

pyarrow = pytest.importorskip("pyarrow", reason="the extra tables is not installed")

from pyarrow.parquet import write_table  # noqa: E402

KINDS = [(parquet, Parquet), (arrow_file, Arrow), (arrow_stream, Arrow)]


@pytest.fixture(params=KINDS, ids=["parquet", "arrow file", "arrow stream"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_rows_come_in_order_with_their_numbers(kind: Any, write: Write) -> None:
    written, reader = kind
    path = write("a", written(reviews(700)))
    rows = list(reader(path).rows())
    assert [row.cells for row in rows] == reviews(700)
    assert [row.place for row in rows] == [f"row {number}" for number in range(1, 701)]


def test_only_the_columns_that_are_needed_are_read(kind: Any, write: Write) -> None:
    written, reader = kind
    path = write("a", written(reviews(3)))
    assert [row.cells for row in reader(path).rows(["label", "none"])] == [{"label": x} for x in ("neg", "pos", "neg")]


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:8], lambda b: b[:8] + Random(1).randbytes(2000) + b[2008:]]
)
def test_a_damaged_file_is_an_error_of_the_data(kind: Any, damage: Any, write: Write) -> None:
    written, reader = kind
    path = write("a", damage(written(reviews(700))))
    with pytest.raises(DataError, match=r"a: cut or damaged, or no (Parquet|Arrow) file \(.+\); copy or download"):
        list(reader(path).rows())


def test_text_that_is_not_utf_8_is_an_error_of_the_data(kind: Any, write: Write) -> None:
    written, reader = kind
    content = written([{"text": "plain and long enough"}])
    with pytest.raises(DataError, match=r"^\S*a: .*(UTF|not UTF-8|CRC)"):
        list(reader(write("a", content.replace(b"and long", b"and \xe9\xe9ng"))).rows())


def test_two_columns_of_one_name_are_refused(write: Write) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array(["a"]), pyarrow.array(["b"])], names=["text", "text"])
    for path, reader in ((write("a.arrow", b""), Arrow), (write("a.parquet", b""), Parquet)):
        if reader is Parquet:
            write_table(table, path)
        else:
            with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, table.schema) as stream:
                stream.write_table(table)
        with pytest.raises(DataError, match=r'two columns are called "text"; rename one'):
            list(reader(path).rows())


def test_the_names_that_datasets_gives_to_numbers_are_found(write: Write) -> None:
    info = (
        '{"info": {"features": {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}, "text": {"_type": "Value"}, '
        '"ner": {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "List"}}}}'
    )
    table = pyarrow.table({"text": ["a"], "label": [1], "ner": [[0, 1]]}).replace_schema_metadata({"huggingface": info})
    path = write("a.arrow", b"")
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    assert Arrow(path).classes() == {"label": ("neg", "pos"), "ner": ("O", "B")}
    for broken in (b"", b"{", b"[]", b'{"info": {"features": {"a": 3, "b": {"feature": 1}}}}'):
        assert classes_in(table.schema.with_metadata({b"huggingface": broken})) == {}
    assert classes_in(table.schema.remove_metadata()) == {}


def test_without_pyarrow_the_extra_is_named(kind: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    written, reader = kind
    path: Path = write("a.x", written(reviews(3)))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"a\.x: needs the extra tables: pip install -e '\.\[tables\]'"):
        list(reader(path).rows())
