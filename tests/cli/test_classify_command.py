"""The command that tells classes: what it prints, what it writes, and what it refuses."""

import csv
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from running import Ask, left_half_written, tiny, trained, written
from tables import reviews, separated


@pytest.fixture(scope="module")
def critic(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that tells good films from bad ones; it reads six words."""
    folder = tmp_path_factory.mktemp("critic")
    (folder / "films.csv").write_bytes(separated(reviews(300)))
    recipe = tiny(
        book, task="classify", corpus={"name": "file", "path": str(folder / "films.csv")}, encoder="cnn",
        data__length=6, budget__steps=40, optimiser__learning_rate=0.02,
    )  # fmt: skip
    return trained(recipe, folder / "run")


def test_training_ends_with_the_report_and_the_peer_and_says_how_to_ask(
    critic: Path, book: Path, tmp_path: Path, ask: Ask
) -> None:
    corpus = {"name": "file", "path": str(critic.parent / "films.csv")}
    recipe = written(tmp_path / "mine.toml", book, task="classify", corpus=corpus, budget__steps=2)
    answer = ask("train", recipe, "--out", tmp_path / "run")
    assert answer.code == 0
    assert "TF-IDF, words" in answer.out
    assert re.search(r"^test split$\n +precision +recall", answer.out, re.MULTILINE)
    assert answer.out.splitlines()[-1].startswith(f"Next: tandem classify {tmp_path / 'run'} ")
    assert (tmp_path / "run/figures/confusion.png").exists()


def test_a_text_gets_every_class_with_its_probability_the_likeliest_first(critic: Path, ask: Ask) -> None:
    answer = ask("classify", critic, "Film 7 was good")
    assert (answer.code, answer.err) == (0, "")
    lines = [re.fullmatch(r"  ([01]\.\d{4})  (pos|neg)", line) for line in answer.out.splitlines()]
    assert [line and line[2] for line in lines] == ["pos", "neg"]
    assert sum(float(line[1]) for line in lines if line) == pytest.approx(1, abs=1e-4)


def test_a_file_becomes_a_table_and_lines_of_json(critic: Path, tmp_path: Path, ask: Ask) -> None:
    films = tmp_path / "new.csv"
    films.write_text('id,review\n1,"Film 1 was good, I thought, and long"\n2,\n3,Film 3 was bad\n', encoding="utf-8")
    out, lines = tmp_path / "out.csv", tmp_path / "out.jsonl"
    answer = ask("classify", critic, "--file", films, "--text", "review", "--csv", out, "--jsonl", lines)
    assert answer.code == 0
    assert "3 texts: " in answer.out
    assert f"written: {out}" in answer.out
    assert "no word in 1 of them, which get no class: line 3" in answer.err
    assert "longer than 6 tokens, their ends not read: 1 of 3" in answer.err
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["label"]) for row in rows] == [("1", "pos"), ("2", ""), ("3", "neg")]
    written = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [line["probability"] for line in written] == [
        float(row["probability"]) if row["probability"] else None for row in rows
    ]


def test_without_a_file_to_write_a_line_for_each_text_is_printed(critic: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "new.txt").write_text("Film 1 was good\n\nFilm 2 was bad\n")
    lines = ask("classify", critic, "--file", tmp_path / "new.txt").out.splitlines()
    assert re.fullmatch(r"     1  [01]\.\d{4}  pos  Film 1 was good", lines[0])
    assert lines[1].split() == ["2", "-", "-"]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give one of a text and --file"),
        (["a text", "--file", "new.csv"], 2, "give one of a text and --file"),
        (["a text", "--text", "review"], 2, "say of which table with --file"),
        ([" "], 3, "there is no word in the text"),
        (["--file", "none.csv"], 3, "none.csv"),
        (["--file", "new.csv", "--text", "reviw"], 2, 'did you mean "review"'),
        (["--file", "new.csv", "--csv", "./new.csv"], 2, "is the file with the texts"),
        (["--file", "new.csv", "--csv", "out", "--jsonl", "./out"], 2, "two outputs would be this file"),
        (["--file", "new.csv", "--csv", "."], 2, "cannot be written, it is a folder"),
        (["--file", "broken.jsonl", "--csv", "out.csv"], 3, "broken.jsonl, line 2"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    arguments: list[str], code: int, said: str, critic: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text("review,stars\nA fine film,5\n")
    Path("broken.jsonl").write_text('{"text": "fine"}\n{"text": \n')
    answer = ask("classify", critic, *arguments)
    assert answer.code == code
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.jsonl", "new.csv"]
    assert left_half_written(tmp_path) == []


def test_a_tokenizer_that_does_not_fit_the_weights_is_refused(
    critic: Path, finished: Path, tmp_path: Path, ask: Ask
) -> None:
    folder = Path(shutil.copytree(critic, tmp_path / "run"))
    shutil.copy(finished / "tokenizer.json", folder / "tokenizer.json")
    answer = ask("classify", folder, "Film 7 was good")
    assert (answer.code, answer.out) == (6, "")
    assert "tokenizer.json: damaged or exchanged" in answer.err


def test_weights_of_another_vocabulary_are_refused_even_where_the_digests_agree(
    critic: Path, finished: Path, tmp_path: Path, ask: Ask
) -> None:
    folder = Path(shutil.copytree(critic, tmp_path / "run"))
    shutil.copy(finished / "tokenizer.json", folder / "tokenizer.json")
    scores, other = (json.loads((run / "scores.json").read_text()) for run in (critic, finished))
    scores["files"]["tokenizer.json"] = other["files"]["tokenizer.json"]
    (folder / "scores.json").write_text(json.dumps(scores))
    answer = ask("classify", folder, "Film 7 was good")
    assert answer.code == 6
    assert "embedding.weight has shape" in answer.err


def test_evaluate_prints_the_report_and_without_scikit_learn_how_to_have_it(
    critic: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask("evaluate", critic, "--split", "validation")
    assert re.search(r"^\s+neg +[01]\.\d{3} +[01]\.\d{3} +[01]\.\d{3} +\d+$", answer.out, re.MULTILINE)
    assert "weighted avg" in answer.out
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    without = ask("evaluate", critic, "--split", "validation")
    assert (without.code, without.out.splitlines()[-1][:22]) == (0, "a classification repor")
