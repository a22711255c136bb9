import re
from datetime import date, datetime

import pytest

from tandem.core.errors import UsageError
from tandem.text.corpora.dates import DAYS, FIRST, FORMS, LAST, Dates, ordinal, written
from tandem.text.splits import SPLITS

PATTERNS = [
    "%d %B %Y", "%B %d, %Y", "%A, %d %B %Y", "%A, %B %d, %Y", "%d-%b-%Y", "%b %d, %Y", "%Y, %B %d", "%d.%m.%Y",
    "%m/%d/%Y",
]  # fmt: skip


def parsed(text: str) -> set[date]:
    """Every day that Python reads in a text, which is one, or none."""
    plain = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", text).replace("the ", "").replace("of ", "").replace(", ", " ")
    days = set()
    for pattern in PATTERNS:
        try:
            days.add(datetime.strptime(plain, pattern.replace(", ", " ")).date())
        except ValueError:
            continue
    return days


def test_every_way_of_writing_a_day_is_read_back_as_that_day() -> None:
    ways = set()
    for split in SPLITS:
        for example in Dates(rows=3_000).examples(split):
            day = date.fromisoformat(example.second or "")
            assert FIRST <= day <= LAST
            assert parsed(example.text) == {day}, example
            ways.add(re.sub(r"\d+", "0", re.sub(r"[A-Z][a-z]+", "A", example.text)))
    assert len(ways) > len(FORMS)


def test_the_weekday_is_the_real_one() -> None:
    assert written(date(1999, 5, 3), "{weekday}, {day} {month} {year}") == "Monday, 3 May 1999"
    assert all(
        parsed(written(date(2001, 9, day), form)) == {date(2001, 9, day)} for form in FORMS for day in range(1, 31)
    )


def test_ordinals() -> None:
    assert " ".join(map(ordinal, (1, 2, 3, 4, 10, 11, 12, 13, 20, 21, 22, 23, 24, 30, 31))) == (
        "1st 2nd 3rd 4th 10th 11th 12th 13th 20th 21st 22nd 23rd 24th 30th 31st"
    )


def test_no_day_is_used_twice() -> None:
    days = [example.second for split in SPLITS for example in Dates(rows=20_000).examples(split)]
    assert len(days) == len(set(days)) == 24_000


@pytest.mark.parametrize("rows", [0, 100_001])
def test_more_days_than_there_are_can_not_be_had(rows: int) -> None:
    assert DAYS > 120_000
    with pytest.raises(UsageError, match=f"^corpus dates: rows = {rows}: "):
        Dates(rows=rows)
