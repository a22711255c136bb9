"""What is read from a corpus at once while a store is built."""

from collections.abc import Iterator

import pytest

from tandem.data.building import BATCH_OF_CHARACTERS, BATCH_OF_EXAMPLES, batches
from tandem.text.example import Example


def examples(count: int, size: int) -> Iterator[Example]:
    return (Example("x" * size, str(number), "y" * size) for number in range(count))


@pytest.mark.parametrize(("count", "size"), [(0, 1), (1, 1), (1000, 3), (700, 60_000)])
def test_batches_hold_every_example_in_order(count: int, size: int) -> None:
    found = [example.document for batch in batches(examples(count, size)) for example in batch]
    assert found == [str(number) for number in range(count)]


def test_a_batch_is_bounded_in_number_and_in_size() -> None:
    assert max(map(len, batches(examples(1000, 3)))) == BATCH_OF_EXAMPLES
    for batch in batches(examples(100, 65_536)):
        assert (
            sum(len(example.text) + len(example.second or "") for example in batch) <= BATCH_OF_CHARACTERS + 2 * 65_536
        )


def test_no_more_is_taken_from_the_corpus_than_a_batch() -> None:
    source = examples(10_000, 3)
    next(batches(source))
    assert next(source).document == str(BATCH_OF_EXAMPLES)
