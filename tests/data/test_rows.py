import numpy as np

from tandem.data.rows import gathered, padded


def test_short_rows_are_padded_with_zero_on_the_right() -> None:
    rows = padded([[5, 6, 7], np.array([8], dtype=np.uint16), []])
    assert rows.ids.tolist() == [[5, 6, 7], [8, 0, 0], [0, 0, 0]]
    assert rows.mask.tolist() == [[True, True, True], [True, False, False], [False, False, False]]
    assert rows.sequences.tolist() == [0, 1, 2]
    assert rows.ids.dtype == np.int64


def test_the_mask_tells_text_from_padding_even_where_the_text_holds_the_padding_token() -> None:
    assert padded([[0, 0], [3]]).mask.tolist() == [[True, True], [True, False]]


def test_rows_without_a_token_still_have_a_column() -> None:
    assert padded([[], []]).ids.shape == (2, 1)
    assert not padded([[]]).mask.any()


def test_rows_of_a_split_come_in_the_order_asked_for() -> None:
    tokens = np.arange(10, 20, dtype=np.uint16)
    spans = np.array([[0, 3], [3, 4], [4, 10]], dtype=np.uint64)
    rows = gathered(tokens, spans, np.array([2, 0]))
    assert rows.ids.tolist() == [[14, 15, 16, 17, 18, 19], [10, 11, 12, 0, 0, 0]]
    assert rows.sequences.tolist() == [2, 0]
