"""Dates as people write them, to be rewritten as year, month and day."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from tandem.core.seeds import bits, derive, permuted
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.splits import SEED, checked_rows, split_range

FIRST, LAST = date(1800, 1, 1), date(2199, 12, 31)
DAYS = LAST.toordinal() - FIRST.toordinal() + 1

# Not from `calendar`, which speaks the language of the machine.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FORMS = (
    "{day} {month} {year}",
    "{month} {day}, {year}",
    "{nth} of {month} {year}",
    "{month} {nth}, {year}",
    "the {nth} of {month}, {year}",
    "{weekday}, {day} {month} {year}",
    "{weekday}, {month} {day}, {year}",
    "{day}-{short}-{year}",
    "{short} {day}, {year}",
    "{year}, {month} {day}",
    "{day}.{number}.{year}",
    "{number}/{day}/{year}",
)


class Dates(Corpus):
    """`3 May 1999` gives `1999-05-03`: twelve ways to write a day of the years 1800 to 2199.

    With full stops the day stands first (3.5.1999), with strokes the month (5/3/1999). `rows` days train; validation
    and test have a tenth each. No day comes twice, so no two splits share one.
    """

    title = "Dates"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "translation"

    def __init__(self, *, rows: int = 10_000) -> None:
        self.train_rows = checked_rows("dates", rows, most=100_000)

    def fingerprint(self) -> str:
        return "dates-1"

    def examples(self, split: str) -> Iterator[Example]:
        key = derive(SEED, "dates")
        numbers = np.array(list(split_range(split, rows=self.train_rows)))
        days = permuted(numbers, DAYS, key) + FIRST.toordinal()
        forms = bits(key, numbers) % np.uint64(len(FORMS))
        for number, day, form in zip(numbers.tolist(), days.tolist(), forms.tolist(), strict=True):
            named = date.fromordinal(day)
            yield Example(written(named, FORMS[form]), f"dates-{number}", named.isoformat())


def written(day: date, form: str) -> str:
    """The day in one of `FORMS`."""
    month = MONTHS[day.month - 1]
    return form.format(
        day=day.day, nth=ordinal(day.day), month=month, short=month[:3], number=day.month, year=day.year,
        weekday=WEEKDAYS[day.weekday()],
    )  # fmt: skip


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th` and so on, as far as the days of a month go."""
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
