from typing import Any

import pytest

from tandem.core.errors import DataError
from tandem.text.columns import Columns, kind_of
from tandem.text.example import Example

MARKS = ("bad", "good")


def read(columns: Columns, **row: Any) -> Example | None:
    return columns.example(row, where="reviews.csv, line 3", document="d")


def refused(columns: Columns, **row: Any) -> str:
    with pytest.raises(DataError) as error:
        read(columns, **row)
    where, separator, message = str(error.value).partition(": ")
    assert (where, separator) == ("reviews.csv, line 3", ": ")
    return message


def test_text_is_stripped_and_a_row_without_text_is_none() -> None:
    assert read(Columns("a"), a=" one \n") == Example("one", "d")
    for empty in (None, "", " \t"):
        assert read(Columns("a"), a=empty) is None
        assert read(Columns("a", second="b"), a="one", b=empty) is None
        assert read(Columns("a", second="b"), a=empty, b="one") is None


def test_a_pair_has_both_texts() -> None:
    assert read(Columns("a", second="b"), a=" one", b="two ") == Example("one", "d", "two")


@pytest.mark.parametrize(
    ("value", "target"),
    [(0, "bad"), (1, "good"), ("good", "good"), (-1, None), (None, None), ("", None)],
)
def test_a_class_is_a_number_or_a_name_or_nothing(value: Any, target: str | None) -> None:
    example = read(Columns("a", label="m", labels=MARKS), a="one", m=value)
    assert example is not None
    assert example.target == target


@pytest.mark.parametrize(("value", "target"), [("good ", "good"), (5, "5"), (1.5, "1.5"), (-1, "-1"), (None, None)])
def test_without_known_classes_the_value_is_the_name(value: Any, target: str | None) -> None:
    example = read(Columns("a", label="m"), a="one", m=value)
    assert example is not None
    assert example.target == target


@pytest.mark.parametrize(("value", "target"), [(2, 2.0), (0.5, 0.5), ("3.25", 3.25), (None, None), ("", None)])
def test_a_score_is_a_number_or_nothing(value: Any, target: float | None) -> None:
    example = read(Columns("a", second="b", score="s"), a="one", b="two", s=value)
    assert example is not None
    assert example.target == target


def test_tags_are_one_for_each_word() -> None:
    columns = Columns("words", tags="tags", labels=("N", "V"))
    assert read(columns, words=["Dogs", "run"], tags=[0, "V"]) == Example("Dogs run", "d", None, ("N", "V"))
    assert read(Columns("words", tags="tags"), words="Dogs run", tags="N V") == Example(
        "Dogs run", "d", None, ("N", "V")
    )
    assert read(columns, words=["New York", " "], tags=[0, 0]) == Example("New_York _", "d", None, ("N", "N"))
    assert read(columns, words=[], tags=[]) is None


@pytest.mark.parametrize(("cell", "target"), [("1", MARKS[1]), (" 0 ", MARKS[0]), ("-1", None), ("", None)])
def test_numbers_of_classes_may_be_written_as_text(cell: str, target: str | None) -> None:
    example = read(Columns("a", label="m", labels=MARKS), a="one", m=cell)
    assert example == Example("one", "d", None, target)


def test_a_missing_column_is_told_with_the_nearest_and_all_that_there_are() -> None:
    assert refused(Columns("text"), tezt="one", label=1) == (
        'no column "text"; did you mean "tezt"? (legal: tezt, label)'
    )
    assert refused(Columns("text", label="mark"), text="one") == 'no column "mark" (legal: text)'


@pytest.mark.parametrize(
    ("columns", "row", "message"),
    [
        (Columns("a"), {"a": 5}, "column a holds 5, which is no text; name another column"),
        (Columns("a"), {"a": ["w"]}, "column a holds ['w'], which is no text; name another column"),
        (
            Columns("a"),
            {"a": b"x" * 50},
            f"column a holds {repr(b'x' * 50)[:37]}..., which is no text; name another column",
        ),
        (
            Columns("a", second="b"),
            {"a": "one", "b": 1.5},
            "column b holds 1.5, which is no text; name another column",
        ),
        (
            Columns("a", label="m", labels=MARKS),
            {"a": "one", "m": 2},
            "column m holds 2; legal: 0 bad, 1 good, -1 for no agreement",
        ),
        (
            Columns("a", label="m", labels=MARKS),
            {"a": "one", "m": "great"},
            "column m holds 'great'; legal: 0 bad, 1 good, -1 for no agreement",
        ),
        (Columns("a", label="m"), {"a": "one", "m": float("nan")}, "column m holds nan, which is no label"),
        (Columns("a", label="m"), {"a": "one", "m": [1]}, "column m holds [1], which is no label"),
        (Columns("a", score="s"), {"a": "one", "s": "much"}, "column s holds 'much', which is no finite number"),
        (
            Columns("a", score="s"),
            {"a": "one", "s": "1,5"},
            "column s holds '1,5', which is no finite number; write a decimal point in place of the comma",
        ),
        (Columns("a", score="s"), {"a": "one", "s": float("inf")}, "column s holds inf, which is no finite number"),
        (Columns("a", score="s"), {"a": "one", "s": True}, "column s holds True, which is no finite number"),
        (Columns("a", tags="t"), {"a": "one two", "t": "N"}, "2 words and 1 tags; every word needs one"),
        (Columns("a", tags="t"), {"a": ["one"], "t": None}, "1 words and 0 tags; every word needs one"),
        (Columns("a", tags="t"), {"a": ["one", "two"], "t": ["N", None]}, "2 words and 2 tags; every word needs one"),
        (
            Columns("a", tags="t", labels=MARKS),
            {"a": ["one"], "t": [3]},
            "column t holds 3; legal: 0 bad, 1 good, -1 for no agreement",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_column(columns: Columns, row: dict[str, Any], message: str) -> None:
    assert refused(columns, **row) == message


def test_the_columns_that_are_read_are_named() -> None:
    assert Columns("a", second="b", label="m").names() == ("a", "b", "m")
    assert Columns("a", tags="t").names() == ("a", "t")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (Columns("a"), "text"), (Columns("a", label="m"), "label"), (Columns("a", second="b", label="m"), "pair"),
        (Columns("a", second="b", score="s"), "score"), (Columns("a", tags="t"), "tags"),
        (Columns("a", second="b"), "translation"),
    ],
)  # fmt: skip
def test_the_columns_say_what_an_example_is(columns: Columns, kind: str) -> None:
    assert kind_of(columns) == kind
