"""The texts of a file, with the places they stand at."""

from pathlib import Path

import pytest
from tables import FORMATS, reviews

from tandem.core.errors import DataError, UsageError
from tandem.lab.texts import texts_of


def test_the_lines_of_plain_text_are_texts_empty_ones_too(tmp_path: Path) -> None:
    path = tmp_path / "said.txt"
    path.write_text(" one \r\n\ntwo", encoding="utf-8")
    assert list(texts_of(path)) == [("line 1", "one"), ("line 2", ""), ("line 3", "two")]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("column", [None, "review"])
def test_a_table_of_any_format_gives_the_texts_of_a_column(ending: str, column: str | None, tmp_path: Path) -> None:
    path = tmp_path / f"films.{ending}"
    path.write_bytes(FORMATS[ending](reviews(5)))
    found = list(texts_of(path, column=column))
    assert [text for _, text in found] == [row["review"] for row in reviews(5)]
    assert len({place for place, _ in found}) == 5


def test_a_first_line_that_may_be_a_text_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "films.csv").write_text("A fine film\nA dull film\nAn odd one\n")
    assert [text for _, text in texts_of(tmp_path / "films.csv", say=said.append)] == ["A dull film", "An odd one"]
    (line,) = said
    assert line.startswith("films.csv: the first line is read as names, and texts are what stands under A fine film;")
    (tmp_path / "named.csv").write_text("Review,stars\nA dull film,2\n")
    assert len(list(texts_of(tmp_path / "named.csv", say=said.append))) == 1
    (tmp_path / "numbers.csv").write_text("A fine film,1\nA dull film,2\n")
    assert len(list(texts_of(tmp_path / "numbers.csv", say=said.append))) == 2
    assert said == [line]


def test_another_column_than_the_one_that_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    path.write_text("text,title\nA long text about a film.,Film\nB,Other\n", encoding="utf-8")
    assert [text for _, text in texts_of(path, column="title")] == ["Film", "Other"]


def test_a_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    path.write_bytes(FORMATS["csv"](reviews(5)))
    with pytest.raises(UsageError, match=r'films\.csv: no column "reviw"; did you mean "review"'):
        list(texts_of(path, column="reviw"))
    (tmp_path / "plain.txt").write_text("one\n")
    with pytest.raises(UsageError, match=r"plain\.txt: plain text, a text a line; it has no column review"):
        list(texts_of(tmp_path / "plain.txt", column="review"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3,4\n", "no column holds text .columns: a, b.; if one does, name it: --text COLUMN"),
        ("a,b\nfine film,dull film\ndull film,fine film\n", "a or b could be the text; name a column: --text a "),
        ('text\n"fine\ndull\n', "a quote begins here and is never closed; close it$"),
        ('text\n"fine" dull\n', "text follows a closing quote; .* or close the one before$"),
    ],
)
def test_the_way_out_is_an_option_of_the_command_and_no_key_of_a_recipe(
    content: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "films.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((DataError, UsageError), match=message):
        list(texts_of(path))


def test_a_cell_that_is_no_text_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "films.jsonl"
    path.write_text('{"text": "fine"}\n{"text": ["no"]}\n')
    with pytest.raises(DataError, match=r"films\.jsonl, line 2: column text holds"):
        list(texts_of(path, column="text"))


def test_a_file_that_is_missing_or_has_no_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv"):
        list(texts_of(tmp_path / "none.csv"))
    for name, content in (("empty.txt", ""), ("blank.txt", "\n \n"), ("blank.csv", "text,label\n,a\n")):
        (tmp_path / name).write_text(content)
        with pytest.raises(DataError, match=f"{name}: (holds no text|no column holds text)"):
            list(texts_of(tmp_path / name))
    (tmp_path / "empty.csv").write_text("text,label\n")
    with pytest.raises(DataError, match=r"empty\.csv"):
        list(texts_of(tmp_path / "empty.csv"))
