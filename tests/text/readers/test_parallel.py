"""Two files, the lines of which are translations of each other."""

import pytest
from tables import Write

from tandem.core.errors import DataError
from tandem.text.readers.parallel import Parallel


def test_lines_of_one_number_are_a_row(write: Write) -> None:
    reader = Parallel(write("a.en", "one\n\nthree"), write("a.de", "eins\nzwei\ndrei\n"))
    assert [row.cells for row in reader.rows()] == [
        {"source": "one\n", "target": "eins\n"},
        {"source": "\n", "target": "zwei\n"},
        {"source": "three", "target": "drei\n"},
    ]


@pytest.mark.parametrize(("one", "other"), [(3, 1200), (1200, 3), (1, 0), (0, 1)])
def test_unequal_counts_are_told(one: int, other: int, write: Write) -> None:
    reader = Parallel(write("a.en", "one\n" * one), write("a.de", "eins\n" * other))
    with pytest.raises(DataError, match=rf"a\.en has {one:,} lines and .*a\.de {other:,}; line n of one is the"):
        list(reader.rows())
