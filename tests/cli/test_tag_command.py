"""The commands `tag` and `evaluate` on taggers: what they print, what they write, and what they refuse."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from running import Ask, tiny, trained

from tandem.text.hub import MIRROR

PEOPLE, PLACES = ("Ada Byron", "Alan Turing", "Grace Hopper", "Kurt"), ("Rio", "New York", "Bern")
NUMBERS = {"O": 0, "B-PER": 1, "I-PER": 2, "B-LOC": 5, "I-LOC": 6}


def spoken(number: int) -> dict[str, Any]:
    """A row as CoNLL-2003 is published: words, and a number for the tag of each."""
    person, place = PEOPLE[number % len(PEOPLE)], PLACES[number % len(PLACES)]
    verb = ("saw", "left", "loves")[number // 7 % 3]
    words = [*((word, "PER") for word in person.split()), (verb, ""), *((word, "LOC") for word in place.split())]
    tags, before = [], ""
    for _, kind in [*words, (".", "")]:
        tags.append(NUMBERS[f"{'I' if kind == before else 'B'}-{kind}" if kind else "O"])
        before = kind
    return {"id": str(number), "tokens": [word for word, _ in words] + ["."], "ner_tags": tags}


@pytest.fixture(scope="session")
def entities(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on a made folder in the layout of CoNLL-2003."""
    mirror = tmp_path_factory.mktemp("mirror")
    folder = mirror / "eriktks" / "conll2003" / "conll2003"
    for split, numbers in {"train": range(120), "validation": range(120, 150), "test": range(150, 180)}.items():
        (folder / split).mkdir(parents=True)
        (folder / split / "0000.jsonl").write_text("".join(f"{json.dumps(spoken(number))}\n" for number in numbers))
    recipe = tiny(
        book, task="tag", encoder="lstm", corpus={"name": "conll2003"}, objective={"dropout": 0.0, "characters": 8},
        tokenizer={"kind": "wordpiece", "size": 60, "cased": True}, data__length=30, model__dropout=0.0,
        optimiser__learning_rate=0.02, budget__steps=80,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MIRROR, str(mirror))
        run = trained(recipe, tmp_path_factory.mktemp("entities") / "run")
    (run.parent / "mirror").symlink_to(mirror)
    return run


@pytest.fixture(scope="session")
def speech(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that knows parts of speech a little."""
    recipe = tiny(book, task="tag", corpus={"name": "parts-of-speech", "rows": 300}, data__length=40)
    return trained(recipe, tmp_path_factory.mktemp("speech") / "run")


def test_words_with_their_tags_and_names_with_their_characters(entities: Path, ask: Ask) -> None:
    answer = ask("tag", entities, "Grace Hopper left New York.")
    assert (answer.code, answer.err) == (0, "")
    words, names = (part.splitlines() for part in answer.out.split("\n\n"))
    assert [line.split()[::2] for line in words] == [
        ["B-PER", "Grace"], ["I-PER", "Hopper"], ["O", "left"], ["B-LOC", "New"], ["I-LOC", "York"], ["O", "."],
    ]  # fmt: skip
    assert [line.split(maxsplit=2)[::2] for line in names] == [
        ["PER", "Grace Hopper  (characters 0-12)"], ["LOC", "New York  (characters 18-26)"],
    ]  # fmt: skip
    assert "no names" in ask("tag", entities, ". .").out


def test_evaluating_names_shows_what_is_found_of_each_type(
    entities: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR, str(entities.parent / "mirror"))
    out = ask("evaluate", entities).out
    assert "entity F1: 1.0000" in out
    assert "frequent tag baseline: accuracy 100.00 %" in out
    rows = [line.split() for line in out.splitlines()[-3:]]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("LOC", "1.000", "30"),
        ("PER", "1.000", "30"),
        ("all", "1.000", "60"),
    ]


def test_a_file_is_tagged_line_by_line_and_empty_lines_stay(speech: Path, ask: Ask, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("most dogs fly.\n\n  some ducks swim  \n", encoding="utf-8")
    shown = ask("tag", speech, "--file", texts).out.splitlines()
    assert [[word.rpartition("/")[0] for word in line.split()] for line in shown] == [
        ["most", "dogs", "fly", "."], [], ["some", "ducks", "swim"],
    ]  # fmt: skip
    table, lines = tmp_path / "tags.csv", tmp_path / "tags.jsonl"
    answer = ask("tag", speech, "--file", texts, "--csv", table, "--jsonl", lines)
    assert answer.out.splitlines() == ["3 texts, 7 words", f"written: {table}", f"written: {lines}"]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["word"]) for row in rows] == [
        ("1", "most"), ("1", "dogs"), ("1", "fly"), ("1", "."), ("2", ""), ("3", "some"), ("3", "ducks"), ("3", "swim"),
    ]  # fmt: skip
    content = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [one["row"] for one in content] == [1, 2, 3]
    assert "entities" not in content[0]
    assert content[1]["words"] == []
    said = [word for one in content for word in one["words"]]
    assert [(word["tag"], str(word["probability"])) for word in said if word["tag"]] == [
        (row["tag"], row["probability"]) for row in rows if row["tag"]
    ]


def test_a_column_of_a_table_is_tagged(speech: Path, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("name,note\nmost dogs,ducks swim\n", encoding="utf-8")
    out = ask("tag", speech, "--file", tmp_path / "notes.csv", "--text", "note").out
    assert [word.rpartition("/")[0] for word in out.split()] == ["ducks", "swim"]


def test_a_text_longer_than_the_training_s_is_tagged_to_its_end(speech: Path, ask: Ask) -> None:
    answer = ask("tag", speech, "dogs fly " * 50)
    assert len(answer.out.splitlines()) == 100
    assert answer.err == "longer than 40 tokens, read in pieces: 1 of 1 texts\n"


def test_evaluating_parts_of_speech_shows_the_baseline_of_frequent_tags(speech: Path, ask: Ask) -> None:
    out = ask("evaluate", speech, "--split", "validation").out
    assert "validation: loss" in out
    # The tokenizer of whole words drops the full stop.
    assert "words of the validation split have no token and are left out (tokenizer.kind)" in out
    assert "frequent tag baseline: accuracy 9" in out
    assert "names" not in out
    assert "frequent tag baseline" not in ask("evaluate", speech, "--split", "train").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["  "], 3, "DataError: there is no word in the text"),
        ([], 2, "UsageError: give one of a text and --file"),
        (["a", "--file", "b.txt"], 2, "UsageError: give one of a text and --file"),
    ],
)
def test_mistakes_are_one_line(speech: Path, ask: Ask, arguments: list[str], code: int, message: str) -> None:
    answer = ask("tag", speech, *arguments)
    assert answer.code == code
    assert answer.err.startswith(message)


def test_files_that_cannot_be_read_and_files_that_would_be_lost_are_refused(
    speech: Path, ask: Ask, tmp_path: Path
) -> None:
    assert ask("tag", speech, "--file", tmp_path / "none.txt").code == 3
    texts = tmp_path / "texts.txt"
    texts.write_text("dogs fly\n", encoding="utf-8")
    answer = ask("tag", speech, "--file", texts, "--csv", texts)
    assert (answer.code, texts.read_text(encoding="utf-8")) == (2, "dogs fly\n")


def test_a_model_of_another_task_tags_nothing(finished: Path, ask: Ask) -> None:
    answer = ask("tag", finished, "the wind")
    assert answer.code == 2
    assert answer.err.startswith("UsageError: a model trained for mlm tags no words; train the task tag")
