"""What a model says about pairs, as files: each is written whole or not at all."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from tandem.core.files import atomic_file
from tandem.lab.scoring.tables import Cell, write_csv

Record = Mapping[str, Cell | Mapping[str, float | None]]
"""What is said about a pair, by name; the probabilities of classes have a mapping of their own. None: nothing is."""


def write_pair_table(path: Path, records: Iterable[Record]) -> None:
    """Writes a CSV file with a row for each of `records`, of one at least; P(class) holds the probability of a class.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    rows = map(_flat, records)
    first = next(rows)
    write_csv(path, first, (row.values() for row in chain([first], rows)))


def written_as_lines(path: Path, records: Iterable[Record]) -> Iterator[Record]:
    """The same; what passes is written as JSON, a line for each, into a file that is there at the end.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    with atomic_file(path) as file:
        for record in records:
            file.write(f"{json.dumps(record, ensure_ascii=False)}\n".encode())
            yield record


def _flat(record: Record) -> dict[str, Cell]:
    flat: dict[str, Cell] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"P({label})": probability for label, probability in value.items()}
        else:
            flat[name] = value
    return flat
