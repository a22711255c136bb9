"""Small tables as the bytes of a file, in every format and packing."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Write = Callable[[str, str | bytes], Path]


def reviews(count: int) -> list[dict[str, Any]]:
    """Rows of which none equals another, with a text, a label of two and a number."""
    return [
        {
            "review": f"Film {n} was {'good' if n % 2 else 'bad'}, I thought.",
            "label": "pos" if n % 2 else "neg",
            "id": n,
        }
        for n in range(count)
    ]


def separated(rows: Rows, separator: str = ",", *, header: bool = True) -> bytes:
    """Comma-separated values."""
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=separator)
    if header:
        written.writerow(rows[0])
    written.writerows(row.values() for row in rows)
    return text.getvalue().encode()


def json_lines(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def list_of_objects(rows: Rows) -> bytes:
    return json.dumps(rows, indent=1).encode()


def object_of_lists(rows: Rows) -> bytes:
    return json.dumps({name: [row[name] for row in rows] for name in rows[0]}).encode()


def parquet(rows: Rows) -> bytes:
    import pyarrow
    from pyarrow.parquet import write_table

    file = io.BytesIO()
    write_table(pyarrow.Table.from_pylist(list(rows)), file, row_group_size=100)
    return file.getvalue()


def arrow_file(rows: Rows) -> bytes:
    import pyarrow

    return _arrow(rows, pyarrow.ipc.new_file)


def arrow_stream(rows: Rows) -> bytes:
    """What `datasets` saves."""
    import pyarrow

    return _arrow(rows, pyarrow.ipc.new_stream)


def _arrow(rows: Rows, new: Any) -> bytes:
    import pyarrow

    table, file = pyarrow.Table.from_pylist(list(rows)), io.BytesIO()
    with new(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    return file.getvalue()


def zstd(content: bytes) -> bytes:
    import pyarrow

    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


def as_tsv(rows: Rows) -> bytes:
    return separated(rows, "\t")


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "csv": separated, "tsv": as_tsv, "jsonl": json_lines, "json": list_of_objects, "lists.json": object_of_lists,
    "parquet": parquet, "feather": arrow_file, "arrow": arrow_stream,
}  # fmt: skip
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstd}
