"""What stands in the folder of a run for people, and what compares the run with others."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from tandem.lab.folder import RunFolder
from tandem.lab.studies.checks import CHECKS

MOST_BYTES = 512 * 1024
COMPARISON, STUDY = "comparison.md", "report.md"
STUDY_ABOVE = 4
"""`runs/STUDY/task/equal/arm/run`: so far above a run stands the report of its study."""


class Document(BaseModel):
    """A text in Markdown."""

    title: str
    text: str


class Counts(BaseModel):
    """How often each class (row) was taken for each (column)."""

    labels: list[str]
    counts: list[list[int]]


class Confusion(Counts):
    """The same, and on which split."""

    split: str


class _Told(BaseModel):
    confusion: Counts


def documents(path: Path) -> Iterator[Document]:
    """The card of the run at `path`, the comparison beside it, and the report of its study, where they are there.

    Only these files are read: the run is one of those that the server has listed, and no part of a name is a client's.
    """
    above = path.resolve().parents
    places = [("Card", RunFolder(path).card), ("Comparison", above[0] / COMPARISON)]
    # What stands so far above any other run is none of ours.
    if len(above) >= STUDY_ABOVE and (above[STUDY_ABOVE - 1] / CHECKS).is_file():
        places.append(("Study", above[STUDY_ABOVE - 1] / STUDY))
    for title, place in places:
        # A file may be another user's, or vanish.
        with suppress(OSError):
            if place.is_file() and not place.is_symlink() and place.stat().st_size <= MOST_BYTES:
                yield Document(title=title, text=place.read_text(encoding="utf-8", errors="replace"))


def confusions(path: Path) -> Iterator[Confusion]:
    """Which class was taken for which on each split, where the run at `path` tells classes."""
    file = RunFolder(path).report
    # Absent, written by another version, or damaged: the card stands without it.
    with suppress(OSError, ValidationError):
        if file.stat().st_size <= MOST_BYTES:
            for split, one in TypeAdapter(dict[str, _Told]).validate_json(file.read_bytes()).items():
                yield Confusion(split=split, labels=one.confusion.labels, counts=one.confusion.counts)
