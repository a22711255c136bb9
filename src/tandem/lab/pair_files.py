"""What a model says about pairs, as files: each is written whole or not at all."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tandem.core.files import write_atomic
from tandem.lab.scoring.tables import Cell, write_csv

Record = Mapping[str, Cell | Mapping[str, float]]
"""What is said about a pair, by name; the probabilities of classes stand in a mapping of their own."""


def write_pair_table(path: Path, records: Sequence[Record]) -> None:
    """Writes a CSV file with a row for each of `records`; the probability of a class stands in `P(class)`.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    rows = [_flat(record) for record in records]
    write_csv(path, rows[0], (row.values() for row in rows))


def write_pair_lines(path: Path, records: Sequence[Record]) -> None:
    """Writes a JSON object a line for each of `records`.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    write_atomic(path, "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records))


def _flat(record: Record) -> dict[str, Cell]:
    flat: dict[str, Cell] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"P({label})": probability for label, probability in value.items()}
        else:
            flat[name] = value
    return flat
