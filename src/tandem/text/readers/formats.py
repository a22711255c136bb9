"""Which reader a file needs: by what it begins with, else by its name."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from tandem.text.readers.arrow import Arrow
from tandem.text.readers.base import Reader
from tandem.text.readers.csv import Csv
from tandem.text.readers.decoding import CHUNK, encoding
from tandem.text.readers.json import Json
from tandem.text.readers.jsonl import JsonLines
from tandem.text.readers.opening import head
from tandem.text.readers.parquet import Parquet

Format = Literal["txt", "csv", "jsonl", "json", "parquet", "arrow"]
BY_ENDING: dict[str, Format] = {
    ".txt": "txt", ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow",
}  # fmt: skip
PACKED = (".gz", ".zst")
BY_MAGIC: dict[bytes, Format] = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow"}


def named_format(path: Path) -> Format | None:
    """The format that the name of a file promises, a packed one's too; None for an ending that is not known."""
    name = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return BY_ENDING.get(name.suffix.lower())


def format_of(path: Path) -> Format:
    """The format of a file: what it begins with decides, then its name; text under any other name is plain.

    Raises:
        DataError: the file cannot be read.
    """
    start = head(path, 8)
    for magic, found in BY_MAGIC.items():
        if start.startswith(magic):
            return found
    named = named_format(path) or "txt"
    return named if named == "txt" else _kind_of_text(path, named)


def said(path: Path) -> list[str]:
    """What the name of a file does not tell: another format, or another encoding than UTF-8.

    Raises:
        DataError: the file cannot be read.
    """
    found = format_of(path)
    notes = [] if found == named_format(path) else [f"{path.name}: read as {'plain text' if found == 'txt' else found}"]
    return notes + ([f"{path.name}: read as UTF-16"] if encoding(path) == "utf-16" else [])


def reader(
    path: Path, *, known: Iterable[str], header: bool | None = None, quotes: bool = True, settable: bool = False
) -> Reader | None:
    """What reads the rows of `path`; None for plain text, which has none. The options are those of `Csv`.

    Raises:
        DataError: the file cannot be read.
    """
    match format_of(path):
        case "csv":
            return Csv(path, header=header, quotes=quotes, known=frozenset(known), settable=settable)
        case "jsonl":
            return JsonLines(path)
        case "json":
            return Json(path)
        case "parquet":
            return Parquet(path)
        case "arrow":
            return Arrow(path)
        case "txt":
            return None


def _kind_of_text(path: Path, named: Format) -> Format:
    """JSON is known by its first value: a list, or objects on lines of their own, whatever the file is called."""
    beginning = head(path, CHUNK).decode(encoding(path), errors="ignore").lstrip()
    first = beginning[:1]
    if first not in ("[", "{"):
        return named
    try:
        _, end = json.JSONDecoder().raw_decode(beginning)
    except (ValueError, RecursionError):
        # The beginning of a long list; the first cell of a csv may begin with a bracket too.
        is_list = re.match(r"\[\s*[{\[]", beginning) if named == "csv" else first == "["
        return "json" if is_list else named
    rest = beginning[end:].lstrip()
    if rest and "\n" not in beginning[:end] and (named == "jsonl" or rest.startswith(first)):
        return "jsonl"
    return "json" if not rest and (first == "[" or named == "csv") else named
