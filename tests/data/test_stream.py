from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from lengths import Lengths
from numpy.typing import NDArray

from tandem.data.spans import RunningText
from tandem.data.store import prepare
from tandem.data.stream import Position, Stream, grouped
from tandem.text.corpora.sotu import Sotu
from tandem.text.example import Example

LENGTHS = np.random.default_rng(0).integers(1, 100, size=4600)


class SomeParagraphs(Sotu):
    """Every fourth paragraph, to save time."""

    def examples(self, split: str) -> Iterator[Example]:
        yield from islice(super().examples(split), 0, None, 4)


def one_epoch(stream: Stream, epoch: int = 0) -> list[NDArray[np.int64]]:
    batches = []
    for sequences, number, _ in stream.after(Position(epoch)):
        if number != epoch:
            break
        batches.append(sequences)
    return batches


@pytest.mark.parametrize("size", [1, 2, 500, 1310, 2000, len(LENGTHS)])
def test_an_epoch_meets_every_sequence_once(size: int) -> None:
    stream = Stream(Lengths(LENGTHS[:size]), batch_tokens=512, seed=3)
    assert stream.pool < len(LENGTHS) / 3
    for epoch in (0, 1):
        assert sorted(np.concatenate(one_epoch(stream, epoch)).tolist()) == list(range(size))


def test_from_any_position_the_stream_goes_on_as_it_would_have() -> None:
    source = Lengths(LENGTHS)
    whole = list(islice(Stream(source, batch_tokens=1024, seed=3).after(Position()), 520))
    assert {epoch for _, epoch, _ in whole} == {0, 1, 2}
    for place in range(0, 510, 7):
        rest = islice(Stream(source, batch_tokens=1024, seed=3).after(whole[place][2]), 8)
        for (sequences, epoch, position), expected in zip(rest, whole[place + 1 :], strict=False):
            assert np.array_equal(sequences, expected[0])
            assert (epoch, position) == expected[1:]


def test_a_batch_holds_no_more_positions_than_it_may() -> None:
    for sequences in one_epoch(Stream(Lengths(LENGTHS), batch_tokens=512, seed=3)):
        assert 0 < len(sequences) * LENGTHS[sequences].max() <= 512


def test_a_sequence_longer_than_a_batch_comes_alone() -> None:
    lengths = np.array([3, 40, 5, 50, 4])
    batches = grouped(np.arange(5), lengths, 10)
    assert [batch.tolist() for batch in batches] == [[3], [1], [2, 4], [0]]


def test_seeds_and_epochs_read_in_different_orders() -> None:
    stream = Stream(Lengths(LENGTHS), batch_tokens=512, seed=3)
    other = Stream(Lengths(LENGTHS), batch_tokens=512, seed=4)
    orders = [np.concatenate(batches) for batches in (one_epoch(stream), one_epoch(stream, 1), one_epoch(other))]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert (orders[first] == orders[second]).mean() < 0.01
        # A pool is a random share of all sequences, so two of them have that share in common.
        both = np.intersect1d(orders[first][: stream.pool], orders[second][: stream.pool]).size
        assert abs(both / stream.pool - stream.pool / len(LENGTHS)) < 0.06


def test_neither_the_text_nor_the_length_orders_the_batches() -> None:
    batches = one_epoch(Stream(Lengths(LENGTHS), batch_tokens=512, seed=3))
    for quantity in ([batch.mean() for batch in batches], [LENGTHS[batch].mean() for batch in batches]):
        assert abs(np.corrcoef(np.arange(len(batches)), quantity)[0, 1]) < 0.15


def test_short_texts_need_less_than_five_percent_of_padding_too() -> None:
    lengths = np.random.default_rng(1).integers(3, 20, size=20_000)
    batches = one_epoch(Stream(Lengths(lengths), batch_tokens=4096, seed=0))
    positions = sum(len(sequences) * int(lengths[sequences].max()) for sequences in batches)
    assert 0 < 1 - lengths.sum() / positions < 0.05


def test_real_paragraphs_need_less_than_five_percent_of_padding() -> None:
    store = prepare(SomeParagraphs(), "sotu", options={"every": 4}, tokenizer={"kind": "words", "size": 4000})
    source = RunningText(store, "train", pack="examples", length=128)
    lengths = source.lengths(np.arange(len(source)))
    batches = one_epoch(Stream(source, batch_tokens=4096, seed=0))
    positions = sum(len(sequences) * int(lengths[sequences].max()) for sequences in batches)
    assert 0 < 1 - lengths.sum() / positions < 0.05
    assert positions > 0.9 * 4096 * len(batches)
