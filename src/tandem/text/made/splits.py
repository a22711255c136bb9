"""Which of the numbered examples of a generator train, validate and test."""

from tandem.core.errors import UsageError

SEED = 1
FEWEST = 10


def split_range(split: str, *, rows: int) -> range:
    """The numbers of the examples of a split: the first `rows` train, a tenth as many validate, as many more test."""
    tenth = rows // 10
    start, size = {"train": (0, rows), "validation": (rows, tenth), "test": (rows + tenth, tenth)}[split]
    return range(start, start + size)


def total(rows: int) -> int:
    """How many examples the three splits have together, where `rows` train."""
    return split_range("test", rows=rows).stop


def checked_rows(corpus: str, rows: int, *, most: int) -> int:
    """`rows` itself.

    Raises:
        UsageError: it is not from ten to `most`.
    """
    if not FEWEST <= rows <= most:
        raise UsageError(f"corpus {corpus}: rows = {rows}: say how many examples train, from {FEWEST} to {most:,}")
    return rows
