"""What is said about pairs stands in a file as it was said."""

import csv
import json
from pathlib import Path

from tandem.lab.pair_files import Record, write_pair_table, written_as_lines

RECORDS: list[Record] = [
    {"row": 1, "first": 'He said: "a, b"', "label": "neutral", "probabilities": {"neutral": 0.75, "entailment": 0.25}},
    {"row": 2, "first": "Ärger", "label": "entailment", "probabilities": {"neutral": 0.5, "entailment": 0.5}},
]


def test_a_table_has_a_column_for_every_class(tmp_path: Path) -> None:
    write_pair_table(tmp_path / "told.csv", iter(RECORDS))
    with (tmp_path / "told.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "first", "label", "P(neutral)", "P(entailment)"]
    assert [row["first"] for row in rows] == ['He said: "a, b"', "Ärger"]
    assert [float(row["P(neutral)"]) for row in rows] == [0.75, 0.5]


def test_lines_of_json_are_the_records_themselves(tmp_path: Path) -> None:
    assert list(written_as_lines(tmp_path / "told.jsonl", iter(RECORDS))) == RECORDS
    lines = (tmp_path / "told.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == RECORDS
    assert "Ärger" in lines[1]
