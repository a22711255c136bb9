import numpy as np

from tandem.data.rows import filled, padded


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


def test_behind_a_row_stands_the_value_asked_for() -> None:
    assert filled([[5, 6], [], [7]], -1).tolist() == [[5, 6], [-1, -1], [7, -1]]
