import json
from pathlib import Path

import pytest

from tandem.core.errors import DataError
from tandem.text.columns import Columns
from tandem.text.hub import MIRROR, PublicTable
from tandem.text.splits import SPLITS, share

REVIEWS = PublicTable("house/reviews", Columns("text", label="mark", labels=("bad", "good")))
LONG = "split by hand into documents, this is the "


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a data set in a mirror, still empty."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    folder = tmp_path / "house" / "reviews" / "data"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, **splits: int) -> None:
    """So many rows for each split, of which every third text comes twice."""
    for split, number in splits.items():
        rows = [{"text": f" {split} {row - row % 3 // 2} ", "mark": row % 2, "unread": None} for row in range(number)]
        path = folder / f"{split}-00000-of-00001.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def texts(split: str, table: PublicTable = REVIEWS) -> list[str]:
    return [example.text for example in table.examples(split)]


def test_a_row_becomes_an_example(mirror: Path) -> None:
    write(mirror, train=1, validation=2, test=3)
    (example,) = REVIEWS.examples("train")
    assert (example.text, example.document, example.second, example.target) == ("train 0", "train-0", None, "bad")
    assert [example.target for example in REVIEWS.examples("test")] == ["bad", "good", "bad"]


def test_own_splits_are_read_whole(mirror: Path) -> None:
    write(mirror, train=100, validation=40, test=50)
    assert [len(texts(split)) for split in SPLITS] == [100, 40, 50]
    assert REVIEWS.splits() == ("test", "train", "validation")
    assert REVIEWS.notes() == [f"read from {mirror}"]


@pytest.mark.parametrize("held_out", ["validation", "test"])
def test_the_one_split_that_is_held_out_tests_and_a_twentieth_of_train_validates(mirror: Path, held_out: str) -> None:
    write(mirror, train=2_000, **{held_out: 30})
    train, validation, test = (texts(split) for split in SPLITS)
    assert (len(test), test[0]) == (30, f"{held_out} 0")
    assert len(train) + len(validation) == 2_000
    assert not set(train) & set(validation)
    assert 60 < len(validation) < 140
    assert ("no test split: the validation split tests" in REVIEWS.notes()) == (held_out == "validation")
    assert REVIEWS.notes()[-1] == "no other validation split: of the train texts one in 20, by hash, is kept for it"


def test_without_any_held_out_split_two_twentieths_of_train_are_kept(mirror: Path) -> None:
    write(mirror, train=2_000)
    train, validation, test = (texts(split) for split in SPLITS)
    assert len(train) + len(validation) + len(test) == 2_000
    assert len(set(train)) + len(set(validation)) + len(set(test)) == len({*train, *validation, *test})
    assert 60 < len(validation) < 140
    assert 60 < len(test) < 140


def test_a_limit_counts_the_rows_of_the_train_split(mirror: Path) -> None:
    write(mirror, train=100, test=50)
    read = {split: [example.document for example in REVIEWS.examples(split, limit=30)] for split in SPLITS}
    assert sorted(read["train"] + read["validation"]) == sorted(f"train-{row}" for row in range(30))
    assert len(read["test"]) == 50


def test_rows_without_text_are_told_with_the_split_that_stores_them(mirror: Path) -> None:
    rows = [{"text": text, "mark": 1} for text in ("one", " ", None, "two")]
    for split in ("train", "test"):
        (mirror / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = {split: list(REVIEWS.without_text(split, limit=2)) for split in SPLITS}
    assert found == {
        "train": [f"{mirror / 'train.jsonl'}, line 2"],
        "validation": [],
        "test": [f"{mirror / 'test.jsonl'}, line {line}" for line in (2, 3)],
    }


def test_a_share_is_a_pure_function_of_letters_and_digits() -> None:
    assert [share(text) for text in ("", "a", "ä")] == [16, 3, 9]
    assert len({share(text) for text in ("A boy's hat, 3 dogs.", "a boy 's hat 3 dogs", "a boys hat 3dogs")}) == 1
    assert {share(str(number)) for number in range(1_000)} == set(range(20))


@pytest.mark.parametrize(
    "path",
    [
        "data/train-00000-of-00001.jsonl", "data/train.jsonl", "data/train/0000.jsonl", "default/train/0000.jsonl",
        "data/train-00000-of-00002-abc.jsonl.gz",
    ],
)  # fmt: skip
def test_the_layouts_of_the_hub_are_read(mirror: Path, path: str) -> None:
    import gzip

    mirror.rmdir()
    file = mirror.parent / path
    file.parent.mkdir(parents=True)
    content = b'{"text": "one", "mark": 1}\n'
    file.write_bytes(gzip.compress(content) if path.endswith(".gz") else content)
    (file.parent / "README.md").write_text("no table")
    assert REVIEWS.splits() == ("train",)
    assert [row.cells["text"] for row in REVIEWS.rows("train")] == ["one"]


def test_the_files_of_a_split_are_read_in_their_order(mirror: Path) -> None:
    for number in (1, 0, 10):
        (mirror / f"test-{number:05}-of-00011.jsonl").write_text(f'{{"text": "file {number}", "mark": 1}}\n')
    assert texts("test") == ["file 0", "file 1", "file 10"]


def test_a_configuration_and_renamed_splits_are_found(mirror: Path) -> None:
    table = PublicTable(
        "house/reviews", Columns("text"), config="short", folder="tables/short", names={"dev": "validation"}
    )
    for place in ("short", "tables/short"):
        folder = mirror.parent / place
        folder.mkdir(parents=True)
        write(folder, train=1, dev=2, test=3)
        assert table.splits() == ("validation", "test", "train")
        assert texts("validation", table) == ["dev 0", "dev 1"]
        folder.rename(mirror / place.replace("/", "-"))


def test_the_identity_of_a_mirrored_set_is_its_content(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(mirror, train=3, test=3)
    before = REVIEWS.identity()
    (mirror / "train-00000-of-00001.jsonl").touch()
    write(mirror, unsupervised=5)
    moved = mirror.parents[2].rename(mirror.parents[3] / "elsewhere")
    monkeypatch.setenv(MIRROR, str(moved))
    assert REVIEWS.identity() == before
    folder = moved / "house" / "reviews" / "data"
    write(folder, test=4)
    changed = REVIEWS.identity()
    (folder / "test-00000-of-00001.jsonl").rename(folder / "validation-00000-of-00001.jsonl")
    assert len({before, changed, REVIEWS.identity()}) == 3


def test_where_rows_would_come_from_is_seen_on_the_disk(mirror: Path) -> None:
    assert REVIEWS.where() == "mirror"
    mirror.rmdir()
    assert REVIEWS.where() is None


def test_what_a_mirror_lacks_is_told_with_the_folder_that_is_missing(mirror: Path) -> None:
    mirror.rmdir()
    with pytest.raises(DataError) as error:
        REVIEWS.identity()
    root = mirror.parents[2]
    assert str(error.value) == (
        f"house/reviews: not in the mirror {root} (set by TANDEM_MIRROR); expected the folder {mirror}"
    )


def test_a_mirror_that_is_no_folder_is_told(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(mirror / "nowhere"))
    with pytest.raises(DataError) as error:
        list(REVIEWS.examples("train"))
    assert str(error.value) == (
        f"TANDEM_MIRROR: {mirror / 'nowhere'} is no folder; name one that holds OWNER/NAME folders of data sets"
    )


def test_a_folder_without_tables_is_told(mirror: Path) -> None:
    (mirror / "train.zip").write_bytes(b"PK")
    with pytest.raises(DataError) as error:
        REVIEWS.splits()
    assert str(error.value) == f"house/reviews: no Parquet, CSV or JSON file in {mirror}; copy the data set again"


def test_a_split_that_is_not_there_is_told(mirror: Path) -> None:
    write(mirror, test=1)
    with pytest.raises(DataError, match=r"^house/reviews: no split train \(there is: test\)$"):
        list(REVIEWS.examples("train"))


def test_a_row_that_does_not_fit_is_told_with_file_and_line(mirror: Path) -> None:
    (mirror / "test.jsonl").write_text('{"text": "one", "mark": 1}\n{"text": "two", "mark": 7}\n')
    with pytest.raises(DataError) as error:
        texts("test")
    expected = "column mark holds 7; legal: 0 bad, 1 good, -1 for no agreement"
    assert str(error.value) == f"{mirror / 'test.jsonl'}, line 2: {expected}"


def test_a_damaged_file_is_told(mirror: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra tables is not installed")
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = mirror / "train-00000-of-00001.parquet"
    pq.write_table(pa.table({"text": [f"{LONG}{row}" for row in range(999)], "mark": [1] * 999}), path)
    whole = path.read_bytes()
    assert len(texts("train")) > 800
    for content in (b"PAR1 but no more", whole[: len(whole) // 2], whole[: len(whole) // 2] + whole[-200:]):
        path.write_bytes(content)
        with pytest.raises(DataError) as error:
            texts("train")
        assert str(error.value).startswith(f"{path}: cut or damaged, or no Parquet file (")
        assert str(error.value).endswith("); copy or download it again")


def test_classes_that_a_file_numbers_otherwise_are_refused(mirror: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra tables is not installed")
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = mirror / "test.parquet"
    for names in (["bad", "good"], ["good", "bad"]):
        feature = {"info": {"features": {"mark": {"names": names, "_type": "ClassLabel"}}}}
        table = pa.table({"text": ["one"], "mark": [1]}).replace_schema_metadata({"huggingface": json.dumps(feature)})
        pq.write_table(table, path)
        if names == ["bad", "good"]:
            assert [example.target for example in REVIEWS.examples("test")] == ["good"]
    with pytest.raises(DataError) as error:
        texts("test")
    assert str(error.value) == f"{path}: column mark numbers its classes good, bad; expected bad, good"


def test_rows_are_read_one_after_the_other(mirror: Path) -> None:
    (mirror / "test.jsonl").write_text('{"text": "one", "mark": 1}\nno json\n')
    rows = REVIEWS.rows("test")
    assert next(rows).cells["text"] == "one"
    with pytest.raises(DataError, match="line 2"):
        next(rows)
