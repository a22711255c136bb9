"""Minimal pairs: from the corpora that hold them, and from a person's own table."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tandem.core import parts
from tandem.core.errors import DataError, UsageError
from tandem.lab.corpora import CORPORA
from tandem.text.columns import Columns
from tandem.text.corpora.base import Corpus
from tandem.text.readers.base import Row
from tandem.text.readers.formats import reader

SENTENCES = (("sentence_good", "sentence_bad"), ("good", "bad"))
PARADIGMS = ("paradigm", "UID", "uid", "phenomenon")
HELP = "two columns good and bad (or sentence_good and sentence_bad) are needed; a column paradigm groups the pairs"


@dataclass(frozen=True)
class Pair:
    """A good sentence, a bad one that differs in one point, and which point that is."""

    good: str
    bad: str
    paradigm: str


def read_pairs(source: str, *, at_most: int | None = None) -> dict[str, list[Pair]]:
    """The pairs of each paradigm in a corpus or in a table (csv, tsv, jsonl, parquet); `at_most` the first so many.

    Raises:
        UsageError: `source` is neither, or holds no pairs. DataError: it is damaged or empty.
    """
    found: dict[str, list[Pair]] = {}
    for pair in _pairs(source):
        kept = found.setdefault(pair.paradigm, [])
        if at_most is None or len(kept) < at_most:
            kept.append(pair)
    if not found:
        raise DataError(f"{source}: holds no pairs")
    return found


def _pairs(source: str) -> Iterator[Pair]:
    if source in parts.names(CORPORA):
        part = parts.load_class(CORPORA, source, Corpus)  # type: ignore[type-abstract]
        if getattr(part, "kind", None) != "contrast":
            raise UsageError(f"corpus {source} holds no minimal pairs; blimp does")
        for example in part().examples("test"):
            yield Pair(example.text, example.second or "", example.document)
        return
    if not Path(source).is_file():
        raise UsageError(f"{source}: no such file, nor a corpus of minimal pairs such as blimp")
    yield from _of_table(Path(source))


def _of_table(path: Path) -> Iterator[Pair]:
    known = {name for both in SENTENCES for name in both}
    table = reader(path, header=None, quotes=True, known=known)
    if table is None:
        raise UsageError(f"{path}: plain text; minimal pairs stand in a csv or jsonl: {HELP}")
    columns: Columns | None = None
    for row in table.rows():
        columns = columns or _columns(path, row)
        where = f"{path}, {row.place}"
        example = columns.example(row.cells, where=where, document=_paradigm(path, row))
        if example is None:
            raise DataError(f"{where}: a pair with an empty sentence; fill it, or take out the row")
        yield Pair(example.text, example.second or "", example.document)


def _columns(path: Path, row: Row) -> Columns:
    for good, bad in SENTENCES:
        if {good, bad} <= row.cells.keys():
            return Columns(good, second=bad)
    raise UsageError(f"{path}: has the columns {', '.join(row.cells)}; {HELP}")


def _paradigm(path: Path, row: Row) -> str:
    named = (str(row.cells[column]) for column in PARADIGMS if row.cells.get(column))
    return next(named, path.stem)
