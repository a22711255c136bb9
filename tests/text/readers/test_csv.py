"""Separated values: what is a cell, what is a header, and where a row is wrong."""

from typing import Any

import pytest
from tables import Write, reviews, separated

from tandem.core.errors import DataError
from tandem.text.readers.csv import Csv
from tandem.text.readers.decoding import LARGEST_ROW

KNOWN = frozenset({"label"})


def cells(reader: Csv) -> list[dict[str, Any]]:
    return [row.cells for row in reader.rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_first_line(separator: str, write: Write) -> None:
    reader = Csv(write("a.csv", separated(reviews(9), separator)))
    assert [row["review"] for row in cells(reader)] == [row["review"] for row in reviews(9)]
    assert [note for note in reader.notes() if "separated by" in note] == (
        [] if separator == "," else [f"a.csv: cells are separated by {'semicolons' if separator == ';' else 'tabs'}"]
    )
    assert Csv(write("a.tsv", separated(reviews(9), "\t"))).notes() == []


def test_texts_between_tabs_may_hold_commas(write: Write) -> None:
    reader = Csv(write("a.tsv", "Monday, 3 May 1999\t1999-05-03\nTuesday, 4 May 1999\t1999-05-04\n"), header=False)
    assert cells(reader)[0] == {"1": "Monday, 3 May 1999", "2": "1999-05-03"}
    assert reader.notes() == []
    by_name = Csv(write("b.tsv", "text,label\none,pos\n"), known=KNOWN)
    assert cells(by_name) == [{"text": "one", "label": "pos"}]


def test_a_separator_inside_quotes_does_not_count(write: Write) -> None:
    reader = Csv(write("a.csv", '"one, two, three";label\n"four, five";pos\n'), known=KNOWN)
    assert cells(reader) == [{"one, two, three": "four, five", "label": "pos"}]


def test_cells_may_hold_line_ends_and_places_are_those_of_an_editor(write: Write) -> None:
    reader = Csv(write("a.csv", 'text,label\n"one\ntwo",a\n\n,\n"three ""quoted""",b\n'))
    assert list(reader.rows()) == [
        ("line 2", {"text": "one\ntwo", "label": "a"}),
        ("line 6", {"text": 'three "quoted"', "label": "b"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_row(end: str, write: Write) -> None:
    path = write("a.csv", f"text,label{end}one,a{end}two,b{end}")
    assert [row.place for row in Csv(path).rows()] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("content", "has_header"),
    [
        ("text,label\ntext,label\ngood,pos\n", True),
        ("2019,label\ngood,pos\n", True),
        ("text,pos\ngood,neg\nbad,pos\n", False),
        ("comment on it,verdict\ngood,pos\n", True),
        (",comment\n0,good\n1,bad\n", True),
        ("good film,pos\nbad film,neg\nfine film,pos\n", False),
        ("good film,1\nbad film,0\n", False),
        ("A very long first cell that can hardly be the name of a column in a table,pos\nbad,neg\n", False),
    ],
)
def test_a_first_line_that_is_a_row_is_noticed_and_said(content: str, has_header: bool, write: Write) -> None:
    reader = Csv(write("a.csv", content), known=KNOWN, settable=True)
    found = cells(reader)
    assert len(found) == content.count("\n") - has_header
    assert ("1" in found[0]) == (not has_header or content.startswith(","))
    assert any("set corpus.header = true" in note for note in reader.notes()) != has_header


def test_the_user_has_the_last_word_on_the_header(write: Write) -> None:
    path = write("a.csv", "2019,2020\ngood,bad\n")
    assert cells(Csv(path, header=True)) == [{"2019": "good", "2020": "bad"}]
    path = write("b.csv", "text,label\ngood,pos\n")
    assert cells(Csv(path, header=False, known=KNOWN))[0] == {"1": "text", "2": "label"}


def test_quotes_may_be_characters_like_any_other(write: Write) -> None:
    path = write("a.tsv", 'text\tlabel\n"Well\tpos\n"No" she said\tneg\n')
    assert [row["text"] for row in cells(Csv(path, quotes=False))] == ['"Well', '"No" she said']


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\ngood,pos\nbad, very bad,neg\n", r"a\.csv, line 3: 3 cells where the first line has 2; .* commas"),
        ("text,label\ngood\n", r"a\.csv, line 2: 1 cells"),
        ('text,label\ngood,pos\n"bad,neg\nfine,pos\n', r"line 3, column 1 \(\"text\"\): a quote begins here"),
        ('text,label\nbad,"neg\n"fine",pos\n', "line 2: text follows a closing quote"),
        ('text,label\n"a" b,pos\n', r"line 2: text follows .* twice .*corpus\.quotes = false"),
        ("text,text\ngood,pos\n", r'a\.csv, line 1: two columns are called "text"; rename one'),
    ],
)
def test_a_row_that_is_wrong_is_told_with_its_line_and_the_way_out(content: str, message: str, write: Write) -> None:
    with pytest.raises(DataError, match=message):
        list(Csv(write("a.csv", content), known=KNOWN, settable=True).rows())


@pytest.mark.parametrize(
    "cell", ["x" * (LARGEST_ROW + 9), '"' + "x" * (LARGEST_ROW + 9), '"' + "a line of words\n" * (LARGEST_ROW // 15)]
)
def test_a_cell_without_end_is_told_with_its_column(cell: str, write: Write) -> None:
    path = write("a.csv", f"id,text\n1,good\n2,{cell}\n")
    with pytest.raises(DataError, match=r'line 3, column 2 \("text"\): more than 16,777,216 characters; is a quote'):
        list(Csv(path, header=True).rows())


@pytest.mark.parametrize("note", ["sep=;", "SEP=,", '"sep=;"'])
def test_a_spreadsheet_s_line_about_its_separator_is_no_header(note: str, write: Write) -> None:
    with pytest.raises(DataError, match=r"line 1: .* is a spreadsheet's note to itself; delete that line"):
        Csv(write("mine.csv", f"{note}\nreview;stars\ngood;5\nbad;1\n")).notes()
