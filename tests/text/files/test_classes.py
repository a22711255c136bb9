"""What may be the classes of a table."""

import pytest

from tandem.core.errors import DataError
from tandem.text.files.classes import Classes


def classes(**splits: list[str]) -> Classes:
    found = Classes()
    for split, names in splits.items():
        for number, name in enumerate(names):
            found.add(name, split=split, where=f"{split}.csv, line {number}")
    return found


def test_numbers_go_by_size_and_names_by_alphabet() -> None:
    assert classes(train=["10", "9", "-1", "2.5"]).ordered() == ("-1", "2.5", "9", "10")
    assert classes(train=["10", "9", "b", "a", "B"]).ordered() == ("10", "9", "B", "a", "b")
    assert classes(train=["nan", "9", "10"]).ordered() == ("10", "9", "nan")
    assert classes(train=["b", "c"], test=["a", "c"]).ordered() == ("a", "b", "c")


def test_tags_are_classes_and_what_is_missing_is_none() -> None:
    found = Classes()
    for target in (("N", "V"), ("V",), None, 3.5):
        found.add(target, split="train", where="")
    assert found.counts["train"] == {"N": 1, "V": 2}


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"train": ["pos"] * 9}, r'^a.csv: column c holds one value only \("pos"\), and two are needed; .*"none"'),
        ({"train": []}, "^a.csv: column c holds nothing in any row"),
        ({"train": [str(n) for n in range(2000)] * 9}, "holds more than 1,000 different values"),
        ({"train": [str(n) for n in range(30)]}, "holds 30 different values in 30 rows; name another column"),
        (
            {"train": ["pos", "neg"], "test": ["pos", "mixed"]},
            '^test.csv, line 1: class "mixed" is in the test split and in no row that trains; remove the row',
        ),
    ],
)
def test_what_cannot_be_learnt_is_refused(splits: dict[str, list[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        classes(**splits).refuse("a.csv: column c", anywhere=False)


def test_what_can_be_learnt_is_not_refused() -> None:
    classes(train=["1", "2"], validation=["2"]).refuse("c", anywhere=False)
    classes(train=[str(n) for n in range(30)] * 2).refuse("c", anywhere=False)
    classes(train=["1", "2"], test=["3"]).refuse("c", anywhere=True)


def test_memory_is_bounded_by_the_number_of_classes_that_may_be() -> None:
    found = classes(train=[str(n) for n in range(5000)])
    assert len(found.counts["train"]) == len(found.first) == 1001
    other = classes(train=["new", "3"])
    found.update(other)
    assert found.counts["train"]["3"] == 2
