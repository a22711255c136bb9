"""Scores as a table, and what is scored: a text, or the lines of a file."""

import csv
from pathlib import Path

import pytest
from toys import LETTERS, bigrams, objective, told_from_one

from tandem.core.errors import DataError, UsageError
from tandem.lab.scoring.lines import file_of, scored_lines
from tandem.lab.scoring.scorer import Scorer
from tandem.lab.scoring.tables import COLUMNS, rows, write_csv


def test_a_table_holds_every_text_word_and_token_exactly(tmp_path: Path) -> None:
    scorer = Scorer(told_from_one(bigrams()), objective("clm", LETTERS))
    scored = list(scorer.score(["a b", "", 'zebra, "b"\u2028']))
    write_csv(tmp_path / "scores.csv", COLUMNS, rows(scored))
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["line"], row["unit"], row["text"]) for row in found] == [
        ("1", "text", "a b"), ("1", "word", "a"), ("1", "token", "a"), ("1", "word", "b"), ("1", "token", "b"),
        ("2", "text", ""),
        ("3", "text", 'zebra, "b"\u2028'), ("3", "word", "zebra,"), ("3", "token", "[UNK]"), ("3", "word", '"b"'),
        ("3", "token", "b"),
    ]  # fmt: skip
    assert float(found[0]["log_probability"]) == scored[0].total
    assert [float(row["log_probability"]) for row in found if row["unit"] == "token" and row["line"] == "1"] == list(
        scored[0].log_probability
    )
    assert (found[8]["log_probability"], found[8]["tokens"], found[7]["tokens"]) == ("", "0", "0")
    spans = [(int(row["start"]), int(row["end"])) for row in found[6:]]
    assert spans == [(0, 11), (0, 6), (0, 5), (7, 10), (8, 9)]


def test_a_failure_leaves_the_table_of_before(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("before")

    def breaks() -> object:
        yield (1, 2)
        raise DataError("no more")

    with pytest.raises(DataError):
        write_csv(path, ("a", "b"), breaks())  # type: ignore[arg-type]
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("scores.csv", "before")]


def test_lines_are_kept_as_they_are_and_empty_ones_too(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(b"one  two \r\n\n \n caf\xc3\xa9")
    assert scored_lines(file) == ["one  two ", "", " ", " caf\u00e9"]


def test_a_table_is_not_scored_as_text(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("good,bad\na,b\n")
    with pytest.raises(UsageError, match=r"pairs\.csv: a table; .*--minimal-pairs"):
        scored_lines(tmp_path / "pairs.csv")
    (tmp_path / "empty.txt").touch()
    with pytest.raises(DataError, match=r"empty\.txt: holds no text; write one a line"):
        scored_lines(tmp_path / "empty.txt")


def test_a_name_of_a_file_is_told_from_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a text").write_text("")
    assert file_of("a text") == Path("a text")
    for text in ("hello", "and so on / or not.txt no", "", "word. " * 1000, "end."):
        assert file_of(text) is None
    for missing in ("book.txt", "folder/book"):
        with pytest.raises(UsageError, match=f"{missing}: no such file"):
            file_of(missing)
