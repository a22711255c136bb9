"""What is wrong with targets, characters, lengths and pairs is counted; what is right is no finding."""

import json
from pathlib import Path

import pytest
from made_rows import Made, counts, opened, rows_of

from tandem.core.errors import DataError, UsageError
from tandem.lab.corpora import Opened
from tandem.lab.data_checks import checked
from tandem.lab.data_checks.checked import check
from tandem.lab.data_checks.finding import Rows, read_rows
from tandem.lab.data_checks.lengths import lengths
from tandem.lab.data_checks.pairs import pairs
from tandem.lab.data_checks.targets import targets
from tandem.lab.data_checks.vocabulary import open_tokenizer, vocabulary
from tandem.lab.data_checks.writing import empty, writing
from tandem.text.corpora.file import File
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import train_tokenizer

CLEAN = ["café", "naïve", "£5", "it\u2019s", "a \u2013 b", "“quoted”", "привет", "😀"]
MISREAD = [text.encode().decode(encoding) for text in CLEAN[:5] for encoding in ("latin-1", "cp1252")] + [
    text.encode().decode("latin-1") for text in CLEAN[5:]
]
EVEN = [("a", "x"), ("b", "y"), ("c", "x"), ("d", "y")]


def test_missing_targets_are_counted_in_each_split() -> None:
    rows = rows_of("label", train=[*EVEN, ("e", None), ("f", None)], validation=EVEN, test=[*EVEN, ("g", None)])
    assert counts(targets(rows)) == {
        "rows of train without a target (-1 or empty)": 2, "rows of test without a target (-1 or empty)": 1,
    }  # fmt: skip


def test_one_class_is_found() -> None:
    (finding,) = targets(rows_of("label", train=[("a", "x"), ("b", "x")]))
    assert (finding.check, finding.title, finding.count) == ("one-class", "class in train (x)", 1)


def test_what_the_corpus_refuses_is_a_finding_in_its_words() -> None:
    (finding,) = targets(rows_of("label", refusal="mine.csv: one value only", train=[("a", "x"), ("b", "x")]))
    assert (finding.check, finding.advice) == ("refused", "mine.csv: one value only")


def test_a_column_of_identifiers_is_no_column_of_classes() -> None:
    rows = rows_of("label", train=[(f"text {number}", f"id{number}") for number in range(30)])
    assert counts(targets(rows)) == {"many-classes": 30}


def test_classes_in_two_spellings_are_found() -> None:
    rows = rows_of("label", train=[("a", "Pos"), ("b", "neg"), ("c", "pos"), ("d", "neg")])
    (finding,) = targets(rows)
    assert (finding.check, finding.count, [shown.row for shown in finding.shown]) == ("class-spellings", 1, [0, 2])
    assert "Pos = pos" in finding.advice


@pytest.mark.parametrize(("names", "holes"), [
    ("0 1 2", 0), ("1 2 3", 0), ("0 1 3", 1), ("1 2 5", 2), ("0 1 9", 0), ("0 x 2", 0), ("1 999999999999", 0),
])  # fmt: skip
def test_a_hole_in_numbered_classes_is_found_unless_they_are_no_scale(names: str, holes: int) -> None:
    rows = rows_of("label", train=[(f"{name} {number}", name) for number in range(3) for name in names.split()])
    assert counts(targets(rows)) == ({"class-holes": holes} if holes else {})


def test_classes_that_a_split_lacks_or_has_alone_are_found() -> None:
    rows = rows_of(
        "label", labels=("x", "y", "z"), train=EVEN, validation=[("e", "x")], test=[*EVEN, ("f", "z"), ("g", "z")]
    )
    findings = targets(rows)
    assert counts(findings) == {
        "classes without a row in train": 1, "classes without a row in validation": 1, "classes-unseen": 2,
    }  # fmt: skip
    assert [shown.row for shown in findings[1].shown] == [1, 3]


def test_lopsided_classes_are_found_from_ten_to_one() -> None:
    ten = [(str(number), "x") for number in range(10)]
    (finding,) = targets(rows_of("label", train=[*ten, ("rare", "y")]))
    assert (finding.check, finding.count, finding.total, finding.shown[0].text) == ("lopsided", 1, 11, "rare")
    assert targets(rows_of("label", train=[*ten[:9], ("rare", "y")])) == []


def test_tags_may_be_lopsided_and_must_be_known() -> None:
    rows = rows_of("tags", train=[("a b", ("N",) * 20), ("c", ("V",))], test=[("d e", ("V", "N")), ("f", ("X",))])
    (finding,) = targets(rows)
    assert (finding.check, finding.count, finding.shown[0].note) == ("classes-unseen", 1, "X")


def test_scores_may_differ_and_must() -> None:
    assert targets(rows_of("score", train=[("a", "b", 0.5), ("c", "d", 1.0)])) == []
    rows = rows_of("score", train=[("a", "b", 0.5), ("c", "d", 0.5), ("e", "f", None)])
    assert list(counts(targets(rows))) == ["missing-targets", "one-score"]


@pytest.mark.parametrize(("check", "bad"), [
    ("replacement-characters", ["caf\ufffd"]),
    ("mojibake", MISREAD),
    ("surrogates", ["a\ud83d"]),
    ("control-characters", ["a\x00b", "a\x1bb", "it\x92s", "soft\u00adhyphen", "zero\u200bwidth", "\u202eabc"]),
    ("unnormalised", ["cafe\u0301"]),
    ("markup", ["one<br />two", "<b>bold</b>", "R&amp;D", "it&#39;s", "Grand #36;5", '<a href="x">']),
])  # fmt: skip
def test_damaged_characters_are_found(check: str, bad: list[str]) -> None:
    good = [
        *CLEAN, "Spaß“ und CAFÉ» und MENÜ”", "tab\tand\nline", "Привет", "日本語", "👍🏽",
        "a < b and c > d; R&D", "#1; number", "<unk> <s>", "Âge, Ã la carte",
    ]  # fmt: skip
    findings = {finding.check: finding for finding in writing(rows_of("text", train=[*good, *bad], test=good))}
    # UTF-8 read as Latin-1 holds control characters too.
    assert findings.keys() <= {check, "control-characters"}
    finding = findings[check]
    assert (finding.check, finding.count, finding.total) == (check, len(bad), 2 * len(good) + len(bad))
    assert finding.shown[0].row == len(good)


def test_the_second_text_of_a_pair_is_looked_at_too() -> None:
    rows = rows_of("pair", train=[("fine", "cafÃ©", "x"), ("fine", " ", "x")])
    assert counts(writing(rows)) == {"mojibake": 1}
    assert counts(empty(rows)) == {"empty": 1}


def test_rows_without_text_are_found_also_where_the_corpus_leaves_them_out(tmp_path: Path) -> None:
    (finding,) = empty(rows_of("text", train=["a", "", " \n"], test=["b"]))
    assert (finding.title, finding.count, finding.total) == ("rows of train without text", 2, 3)
    assert [shown.row for shown in finding.shown] == [1, 2]
    path = tmp_path / "mine.csv"
    texts = [f"text {number}" for number in range(200)] + ["", "  "]
    path.write_text("text,label\n" + "".join(f'"{text}",{number % 2}\n' for number, text in enumerate(texts)))
    (finding,) = empty(read_rows(File(path=str(path)), SPLITS, most=1000))
    assert (finding.count, [(shown.row, shown.document) for shown in finding.shown]) == (
        2, [(None, "mine.csv, line 202"), (None, "mine.csv, line 203")],
    )  # fmt: skip


def test_long_rows_are_counted_above_three_limits() -> None:
    rows = rows_of("label", train=[("w " * length, "x") for length in (10, 64, 65, 129, 600)])
    (finding,) = lengths(rows)
    assert (finding.count, finding.total) == (3, 5)
    assert finding.more == "above 128: 40.0 % · above 512: 20.0 % · longest: 600 words"
    assert [shown.row for shown in finding.shown] == [4, 3, 2]


def test_few_long_rows_and_running_text_are_no_finding() -> None:
    assert lengths(rows_of("label", train=[("short", "x")] * 200 + [("w " * 65, "x")])) == []
    assert lengths(rows_of("text", train=["w " * 1000])) == []


def test_equal_and_exchanged_pairs_are_found() -> None:
    rows = rows_of(
        "pair",
        train=[("A dog", "a  dog", "x"), ("one", "two", "x"), ("three", "four", "x")],
        test=[("two", "ONE", "x"), ("four", "five", "y")],
    )
    equal, exchanged = pairs(rows)
    assert (equal.check, equal.count, equal.shown[0].row) == ("equal-texts", 1, 0)
    assert (exchanged.check, exchanged.count, exchanged.shown[0].note) == (
        "exchanged-pairs", 1, "as train row 1, exchanged",
    )  # fmt: skip
    assert pairs(rows_of("label", train=EVEN)) == []


def test_unknown_words_are_counted_by_split_with_the_most_frequent_ones() -> None:
    tokenizer = train_tokenizer(["the cat sat"], kind="words", size=20)
    rows = rows_of(
        "pair", train=[("the cat", "sat", "x")], test=[("the Dog sat", "dog, Dog", "x"), ("the cat", "", "x")]
    )
    (finding,) = vocabulary(rows, tokenizer)
    assert (finding.title, finding.count, finding.total) == ("tokens of test that the tokenizer does not know", 3, 7)
    assert finding.more == "most frequent: Dog (2), dog (1)"
    assert [(shown.row, shown.note) for shown in finding.shown] == [(0, "Dog, dog")]
    assert vocabulary(rows, train_tokenizer(["the cat"], kind="bpe", size=300)) == []


def test_a_tokenizer_is_opened_from_a_run_or_a_file(tmp_path: Path) -> None:
    content = train_tokenizer(["the cat sat"], kind="words", size=20).to_json()
    (tmp_path / "tokenizer.json").write_text(content)
    for path in (tmp_path, tmp_path / "tokenizer.json"):
        assert open_tokenizer(path).to_json() == content
    with pytest.raises(UsageError, match="no tokenizer there"):
        open_tokenizer(tmp_path / "none")


def test_of_a_longer_corpus_the_first_rows_are_read_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Made("text", {"train": ["a b"] * 10, "test": ["c"] * 3})
    rows = read_rows(corpus, ("train", "test"), most=3)
    assert ({split: len(found) for split, found in rows.splits.items()}, rows.cut) == (
        {"train": 3, "test": 3},
        ("train",),
    )
    assert "train: only the first 3 rows" in check(Opened("made", {}, corpus), most=3).notes
    monkeypatch.setattr("tandem.lab.data_checks.finding.MOST_CHARACTERS", 10)
    assert len(read_rows(corpus, ("train",), most=100).splits["train"]) == 4


def test_every_check_is_run_and_a_clean_corpus_has_no_findings() -> None:
    clean = {
        split: [(f"{name} {split} text number {number}", name) for number in range(6) for name in "xy"]
        for split in ("train", "validation", "test")
    }
    said: list[str] = []
    found = check(opened("label", **clean), most=1000, say=said.append)
    assert (found.findings, found.rows) == ([], {"train": 12, "validation": 12, "test": 12})
    assert [baseline.name for baseline in found.baselines] == ["majority", "words"]
    assert len(said) == 1 + len(checked.CHECKS) + len(checked.BASELINES)
    assert json.loads(json.dumps(found.to_json()))["rows"]["train"] == 12


def test_a_corpus_without_any_text_is_an_error() -> None:
    with pytest.raises(DataError, match="corpus made: no text to check"):
        check(opened("text"), most=10)


def test_without_scikit_learn_the_rest_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(rows: Rows) -> list[object]:
        raise UsageError("word baselines need the extra eval")

    monkeypatch.setitem(checked.BASELINES, "the baselines of words", lacking)
    found = check(opened("label", train=EVEN, test=EVEN), most=10)
    assert [baseline.name for baseline in found.baselines] == ["majority"]
    assert "word baselines need the extra eval" in found.notes
