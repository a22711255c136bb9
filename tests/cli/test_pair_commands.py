"""The commands `nli` and `similarity`: what they print, what they write, and what they refuse."""

import csv
import json
from pathlib import Path

import pytest
from running import Ask, tiny, trained

PAIR = ("All dogs swim.", "Some poodles swim.")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that tells classes of pairs."""
    folder = tmp_path_factory.mktemp("pairs")
    recipe = tiny(folder, task="siamese", corpus={"name": "inference", "rows": 60}, budget__steps=3)
    return trained(recipe, folder / "run")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text("premise,hypothesis\nAll dogs swim.,Some dogs swim.\nNo cat runs.,A cat runs.\n", encoding="utf-8")
    return path


def test_a_pair_gets_its_classes_and_the_cosine(pairs: Path, ask: Ask) -> None:
    answer = ask("nli", pairs, *PAIR)
    assert (answer.code, answer.err) == (0, "")
    *classes, cosine = [line.split(maxsplit=1) for line in answer.out.splitlines()]
    assert {label for _, label in classes} == {"entailment", "neutral", "contradiction"}
    probabilities = [float(number) for number, _ in classes]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=2e-4)
    assert cosine[1] == "cosine similarity of the two sentences"
    assert ask("similarity", pairs, *PAIR).out.split()[0] == cosine[0]


def test_a_file_becomes_a_table_and_lines(pairs: Path, table: Path, ask: Ask, tmp_path: Path) -> None:
    shown = ask("nli", pairs, "--file", table).out.splitlines()
    assert len(shown) == 2
    paths = tmp_path / "out.csv", tmp_path / "out.jsonl"
    answer = ask("nli", pairs, "--file", table, "--csv", paths[0], "--jsonl", paths[1])
    assert answer.out.splitlines() == [f"written: {path}" for path in paths]
    rows = list(csv.DictReader(paths[0].read_text(encoding="utf-8").splitlines()))
    records = [json.loads(line) for line in paths[1].read_text(encoding="utf-8").splitlines()]
    assert [row["premise"] for row in rows] == [record["premise"] for record in records]
    assert [(row["row"], row["cut"]) for row in rows] == [("1", "False"), ("2", "False")]
    assert [(record["row"], record["cut"]) for record in records] == [(1, False), (2, False)]
    for row, record in zip(rows, records, strict=True):
        assert row["label"] == record["label"]
        assert {label: float(row[f"P({label})"]) for label in record["probabilities"]} == record["probabilities"]


@pytest.mark.parametrize("command", ["nli", "similarity"])
def test_a_pair_without_two_texts_keeps_its_row_and_is_named(
    command: str, pairs: Path, ask: Ask, tmp_path: Path
) -> None:
    table, out = tmp_path / "gaps.csv", tmp_path / "out.csv"
    table.write_text("premise,hypothesis\nAll dogs swim.,\nNo cat runs.,A cat runs.\n", encoding="utf-8")
    answer = ask(command, pairs, "--file", table, "--csv", out)
    assert answer.code == 0
    assert answer.err == f"pairs without an answer, since a text of them holds no word: 1 ({table}, line 2)\n"
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [(row["row"], row["cosine"] != "") for row in rows] == [("1", False), ("2", True)]
    assert rows[0].keys() == rows[1].keys()
    assert len(ask(command, pairs, "--file", table).out.splitlines()) == 2
    out.unlink()
    table.write_text("premise,hypothesis\nAll dogs swim.,\n,A cat runs.\n", encoding="utf-8")
    answer = ask(command, pairs, "--file", table, "--csv", out)
    assert (answer.code, answer.out, out.exists()) == (3, "", False)
    assert answer.err.endswith("line 2: no word in a text of this pair, nor in any other\n")


def test_the_premise_is_the_column_of_that_name_or_the_one_named_first(
    pairs: Path, table: Path, ask: Ask, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.csv"
    turned.write_text(
        "hypothesis,premise\nSome dogs swim.,All dogs swim.\nA cat runs.,No cat runs.\n", encoding="utf-8"
    )
    by_name = ask("nli", pairs, "--file", table).out
    assert ask("nli", pairs, "--file", turned).out == by_name
    assert ask("nli", pairs, "--file", turned, "--columns", "premise,hypothesis").out == by_name
    the_other_way = ask("nli", pairs, "--file", table, "--columns", "hypothesis,premise").out
    assert the_other_way != by_name
    assert ask("nli", pairs, "--file", turned, "--columns", "hypothesis,premise").out == the_other_way


def test_a_masked_model_says_how_alike_texts_are_and_nothing_else(finished: Path, table: Path, ask: Ask) -> None:
    answer = ask("similarity", finished, "The wind blows.", "The wind blows.")
    assert (answer.code, answer.out) == (0, "  1.0000  cosine similarity\n")
    refused = ask("nli", finished, *PAIR)
    assert refused.code == 2
    assert "tells no classes of pairs" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["A dog."], 2, "give two texts, or --file FILE"),
        ([], 2, "give two texts, or --file FILE"),
        (["A dog.", "A cat.", "--file", "pairs.csv"], 2, "give two texts, or --file FILE"),
        (["A dog.", "A cat.", "--columns", "a,b"], 2, "--columns a,b names the columns of a table"),
        (["--file", "pairs.csv", "--columns", "a"], 2, "--columns a: two names with a comma"),
        (
            ["--file", "pairs.csv", "--columns", "premise,premise"],
            2,
            "--columns premise,premise: the same column twice",
        ),
        (["--file", "pairs.csv", "--columns", "premise,hypotesis"], 2, 'did you mean "hypothesis"?'),
        (["--file", "pairs.csv", "--csv", "out", "--jsonl", "./out"], 2, "two outputs would be this file"),
        (["--file", "absent.csv"], 3, "absent.csv"),
        (["A dog.", " "], 3, "the second text is empty"),
        (["--file", "pairs.csv", "--csv", "./pairs.csv"], 2, "is the file with the texts"),
    ],
)
@pytest.mark.parametrize("command", ["nli", "similarity"])
def test_mistakes_are_one_line(
    command: str, arguments: list[str], code: int, message: str, pairs: Path, table: Path, ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(table.parent)
    before = table.read_bytes()
    answer = ask(command, pairs, *arguments)
    assert table.read_bytes() == before
    assert answer.code == code
    assert message in answer.err
    assert answer.err.count("\n") == 1
