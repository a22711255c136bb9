import pytest

from tandem.core.errors import UsageError
from tandem.text.made.splits import checked_rows, split_range, total
from tandem.text.splits import SPLITS


@pytest.mark.parametrize("rows", [10, 19, 1_000])
def test_a_tenth_validates_a_tenth_tests_and_nothing_is_used_twice(rows: int) -> None:
    ranges = [split_range(split, rows=rows) for split in SPLITS]
    assert [len(numbers) for numbers in ranges] == [rows, rows // 10, rows // 10]
    assert [number for numbers in ranges for number in numbers] == list(range(total(rows)))


@pytest.mark.parametrize("rows", [-1, 0, 9, 101])
def test_rows_out_of_range_are_refused(rows: int) -> None:
    assert checked_rows("copy", 10, most=100) == 10
    with pytest.raises(UsageError, match=rf"corpus copy: rows = {rows}: .* from 10 to 100$"):
        checked_rows("copy", rows, most=100)
