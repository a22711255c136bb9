"""A user's table in three splits: what is read, what is said, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tables import FORMATS, Rows, json_lines, reviews, separated

from tandem.core.errors import DataError, TandemError, UsageError
from tandem.text.corpora.file import File
from tandem.text.example import Example
from tandem.text.readers.txt import LONGEST_EXAMPLE
from tandem.text.splits import SPLITS

Write = Callable[[str, Rows], Path]
pytest.importorskip("pyarrow", reason="the extra tables is not installed")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table in the format that its name says."""

    def written(name: str, rows: Rows) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FORMATS[name.split(".", 1)[1]](rows))
        return path

    return written


def read(path: Path, *splits: str, **options: Any) -> list[Example]:
    corpus = File(path=str(path), **options)
    return [example for split in splits or SPLITS for example in corpus.examples(split)]


def labelled(count: int, *labels: Any) -> list[dict[str, Any]]:
    return [{"text": f"Text number {number}.", "label": labels[number % len(labels)]} for number in range(count)]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_examples_and_says_the_same(name: str, write: Write) -> None:
    corpus = File(path=str(write(f"a.{name}", reviews(200))))
    expected = {row["review"]: row["label"] for row in reviews(200)}
    found = [example for split in SPLITS for example in corpus.examples(split)]
    assert {example.text: example.target for example in found} == expected
    assert corpus.kind == "label"
    assert corpus.labels() == ("neg", "pos")
    assert corpus.notes() == [
        "text = review, label = label: 2 labels (neg, pos); not read: id",
        "a tenth of the rows is for validation and a tenth for test, by a hash of the text",
    ]


def test_equal_texts_stay_on_one_side_whatever_the_order(write: Write) -> None:
    rows = [{"text": f"Text {number % 100}.", "n": number} for number in range(400)]
    found = {split: {example.text for example in read(write("a.csv", rows), split)} for split in SPLITS}
    again = {split: {e.text for e in read(write("b.jsonl", rows[::-1]), split)} for split in SPLITS}
    assert found == again
    assert sum(map(len, found.values())) == len(set().union(*found.values())) == 100


def test_a_tenth_validates_and_a_tenth_tests(write: Write) -> None:
    path = write("a.csv", reviews(1500))
    counts = [len(read(path, split)) for split in SPLITS]
    assert sum(counts) == 1500
    assert 110 < counts[1] < 190
    assert 110 < counts[2] < 190


def test_files_of_their_own_take_the_place_of_shares(write: Write) -> None:
    train, dev = write("train.csv", reviews(100)), write("dev.jsonl", reviews(110)[100:])
    options = {"validation": str(dev)}
    assert read(train, "validation", **options)[0].document == "dev.jsonl, line 1"
    assert len(read(train, "train", **options)) + len(read(train, "test", **options)) == 100
    write("both/train.csv", reviews(100))
    write("both/test.csv", reviews(110)[100:])
    folder = write("both/val.csv", reviews(120)[110:]).parent
    assert [len(read(folder, split)) for split in SPLITS] == [100, 10, 10]
    assert File(path=str(folder)).notes()[1:] == ["train = train.csv, validation = val.csv, test = test.csv"]


def test_documents_are_rows_and_their_names_tell_where_they_are(write: Write) -> None:
    folder = write("train/a.csv", reviews(60)).parent.parent
    write("test/a.csv", reviews(70)[60:])
    every = [example.document for example in read(folder)]
    assert len(every) == len(set(every)) == 70
    assert "train/a.csv, line 2" in every
    assert "test/a.csv, line 11" in every


def test_a_long_text_comes_in_pieces_and_a_long_labelled_one_is_cut(write: Write) -> None:
    long = "word " * LONGEST_EXAMPLE
    text = read(write("a.jsonl", [{"text": long}, *labelled(50, None)]), "train", label="none")
    pieces = [example for example in text if example.document == text[0].document]
    assert "".join(piece.text for piece in pieces).replace(" ", "") == long.replace(" ", "")
    assert max(len(piece.text) for piece in pieces) <= LONGEST_EXAMPLE
    rows = [{"text": long, "label": "a"}, *labelled(50, "a", "b")]
    cut = read(write("b.jsonl", rows))
    assert max(len(example.text) for example in cut) == LONGEST_EXAMPLE
    assert len(cut) == 51


def test_classes_are_said_to_be_those_of_the_first_rows_where_there_are_more(write: Write) -> None:
    path = write("a.csv", labelled(1001, "a", "b"))
    assert File(path=str(path)).notes()[0] == "text = text, label = label: 2 labels (a, b) in the first rows"
    long = [{"text": "word " * 600_000, "label": label} for label in "abab"]
    assert File(path=str(write("b.jsonl", long))).notes()[0].endswith("2 labels (a, b) in the first rows")


def test_the_fingerprint_knows_content_columns_and_splits(write: Write) -> None:
    path = write("a.csv", reviews(50))
    write("b.csv", reviews(50))
    same = {File(path=str(path)).fingerprint() for _ in range(2)}
    assert len(same) == 1
    others = [File(path=str(path), label="id"), File(path=str(path), test=str(path.with_name("b.csv")))]
    write("a.csv", reviews(51))
    others.append(File(path=str(path)))
    assert len(same | {other.fingerprint() for other in others}) == 4


def test_labels_are_those_that_train_in_the_order_of_numbers(write: Write) -> None:
    rows = labelled(300, 10, 9, None, -1)
    assert File(path=str(write("a.jsonl", rows))).labels() == ("-1", "9", "10")
    assert File(path=str(write("b.csv", labelled(300, "b", "B", "a")))).labels() == ("B", "a", "b")
    assert File(path=str(write("c.jsonl", labelled(300, 1.0, 2.0)))).labels() == ("1", "2")
    unlabelled = [example for example in read(write("d.jsonl", rows)) if example.target is None]
    assert len(unlabelled) == 75


def test_labels_are_known_after_the_train_split_was_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = File(path=str(write("a.csv", reviews(100))))
    list(corpus.examples("train"))
    Path(corpus.path).unlink()
    assert corpus.labels() == ("neg", "pos")


def test_the_names_that_datasets_gave_to_numbers_are_the_labels(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["neg", "pos", "odd"]))
    rows = labelled(100, 0, 1, -1)
    split = datasets.Dataset.from_list(rows, features=features)
    datasets.DatasetDict(train=split, test=split).save_to_disk(tmp_path / "saved")
    corpus = File(path=str(tmp_path / "saved"))
    assert corpus.labels() == ("neg", "pos", "odd")
    targets = [example.target for example in corpus.examples("test")]
    assert targets[:4] == ["neg", "pos", None, "neg"]
    assert "3 labels (neg, pos, odd)" in corpus.notes()[0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (labelled(200, "pos"), r'a\.jsonl: column label holds one value only \("pos"\)'),
        (labelled(200, None), "column label holds nothing in any row"),
        ([{"text": f"Text {n}.", "label": f"id {n}"} for n in range(200)], "different values in"),
        ([{"text": f"Text {n}.", "label": n / 7} for n in range(200)], "different values in"),
    ],
)
def test_a_column_that_holds_no_classes_is_refused_and_can_be_left_out(rows: Rows, message: str, write: Write) -> None:
    path = write("a.jsonl", rows)
    with pytest.raises(DataError, match=message):
        File(path=str(path)).labels()
    assert len(read(path, label="none")) == 200
    assert File(path=str(path), label="none").labels() == ()


def test_a_class_of_another_split_only_is_told_with_its_row(write: Write) -> None:
    train, test = write("a.csv", labelled(60, "a", "b")), write("b.csv", labelled(9, "a", "b", "c"))
    with pytest.raises(DataError, match=r'b\.csv, line 4: class "c" is in the test split and in no row that trains'):
        File(path=str(train), test=str(test)).labels()


def test_a_tag_of_another_split_only_is_one_of_the_tags(write: Write) -> None:
    train = write("a.jsonl", [{"tokens": ["Dogs", "run"], "tags": ["N", "V"]}] * 40)
    test = write("b.jsonl", [{"tokens": ["Oh"], "tags": ["I"]}])
    assert File(path=str(train), test=str(test), validation=str(test)).labels() == ("I", "N", "V")


@pytest.mark.parametrize(
    ("rows", "split", "message"),
    [
        (
            reviews(1),
            "validation",
            "a.csv: too little text: none of 1 rows is for validation; .*corpus.validation = FILE",
        ),
        ([{"text": "The same."}] * 40, "test", "none of 40 rows is for test; .* equal texts stay together"),
        ([{"text": "", "label": "a"}] * 9, "train", "a.csv: (no text to read in column text|no column holds text)"),
    ],
)
def test_a_split_of_a_table_is_never_empty(rows: Rows, split: str, message: str, write: Write) -> None:
    with pytest.raises(DataError, match=message):
        read(write("a.csv", rows), split)


def test_a_row_that_does_not_fit_is_told_with_its_place(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    path.write_bytes(json_lines(labelled(1500, "a", "b")) + b'{"text": 5, "label": "a"}\n')
    with pytest.raises(DataError, match=r"late\.jsonl, line 1501: column text holds 5, which is no text"):
        read(path, "train")
    early = tmp_path / "early.jsonl"
    early.write_bytes(b'{"text": "A text.", "label": ["a"]}\n')
    with pytest.raises(DataError, match=r"early\.jsonl, line 1: column label holds \['a'\], which is no label"):
        File(path=str(early))
    lacking = write("lacking.jsonl", [{"text": "A text."}])
    with pytest.raises(DataError, match=r'lacking\.jsonl, line 1: no column "label" \(legal: text\)'):
        File(path=str(write("a.csv", labelled(60, "a", "b"))), test=str(lacking))


def test_headers_and_quotes_are_options(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(separated(labelled(60, "1", "2"), header=False))
    corpus = File(path=str(path))
    assert corpus.notes()[0] == "text = 1, label = 2: 2 labels (1, 2)"
    assert "set corpus.header = true" in corpus.notes()[-1]
    named = File(path=str(path), header=True, text="Text number 0.")
    assert sum(len(list(named.examples(split))) for split in SPLITS) == 59
    path.write_text('text\tlabel\n"Well\tpos\nNo\tneg\n', encoding="utf-8")
    assert next(File(path=str(path), quotes=False).examples("train")).text in ('"Well', "No")


def test_what_the_name_of_a_file_does_not_tell_is_said(write: Write) -> None:
    table = write("a.parquet", reviews(60)).rename(write("b.csv", reviews(60)))
    assert File(path=str(table)).notes()[-1] == "b.csv: read as parquet"
    table.write_bytes(separated(reviews(60)).decode().encode("utf-16"))
    assert File(path=str(table)).notes()[-1] == "b.csv: read as UTF-16"
    text = table.with_name("notes.md")
    text.write_text("Text.\n\n" * 40, encoding="utf-8")
    assert File(path=str(text)).notes()[-1] == "notes.md: read as plain text"
    folder = write("split/train.csv", reviews(60)).parent
    write("split/test.csv", reviews(9))
    write("split/other.csv", reviews(9))
    assert File(path=str(folder)).notes()[-2:] == ["train = train.csv, test = test.csv", "not read: other.csv"]


def translations(folder: Path, name: str, lines: int, other: int) -> tuple[str, str]:
    for ending, count in ((".en", lines), (".de", other)):
        content = "".join(f"{name} {ending} {number}\n" for number in range(count))
        (folder / (name + ending)).write_text(content, encoding="utf-8")
    return str(folder / f"{name}.en"), str(folder / f"{name}.de")


def test_parallel_text_is_read_line_by_line(tmp_path: Path) -> None:
    source, target = translations(tmp_path, "train", 200, 200)
    validation, validation_target = translations(tmp_path, "val", 7, 7)
    corpus = File(path=source, target=target, validation=validation, validation_target=validation_target)
    assert corpus.kind == "translation"
    found = list(corpus.examples("validation"))
    assert found[3] == Example("val .en 3", "val.en, line 4", "val .de 3")
    assert len(found) == 7
    assert len(list(corpus.examples("train"))) + len(list(corpus.examples("test"))) == 200
    before = corpus.fingerprint()
    translations(tmp_path, "val", 7, 8)
    assert corpus.fingerprint() != before


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"target": "val.de"}, DataError, r"train\.en has 200 lines and .*val\.de 8"),
        ({"target": "none.de"}, DataError, r"none\.de: No such file"),
        ({"target": "train.de", "validation": "val.en"}, UsageError, "corpus.validation_target is the file with"),
        ({"target": "train.de", "test_target": "val.de"}, UsageError, "corpus.test_target is the file with"),
        ({"target": "train.de", "label": "x"}, UsageError, "corpus.label: parallel text has no columns"),
    ],
)
def test_parallel_text_that_is_wrong_is_told(
    options: dict[str, str], error: type[TandemError], message: str, tmp_path: Path
) -> None:
    source, _ = translations(tmp_path, "train", 200, 200)
    translations(tmp_path, "val", 7, 8)
    given = {name: value if name == "label" else str(tmp_path / value) for name, value in options.items()}
    with pytest.raises(error, match=message):
        read(Path(source), **given)


def test_plain_text_has_no_columns_and_goes_with_no_table(write: Write, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.\n\n" * 40, encoding="utf-8")
    with pytest.raises(
        UsageError, match=r'corpus\.label = "stars": .*a\.txt is read as plain text, which has no columns'
    ):
        File(path=str(tmp_path / "a.txt"), label="stars")
    table = write("b.csv", json.loads(json.dumps(labelled(20, "a", "b"))))
    with pytest.raises(UsageError, match=r"a\.txt is plain text and .*b\.csv a table; give files of one kind"):
        File(path=str(tmp_path / "a.txt"), test=str(table))
