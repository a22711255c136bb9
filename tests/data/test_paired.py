"""Pairs of texts: how they stand in rows, what is cut of them, and which of them are read."""

import numpy as np
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from shelf import Cards
from tokenizers import models, pre_tokenizers, processors

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError, UsageError
from tandem.data.frame import Frame
from tandem.data.pair_rows import OneRow, PairRows, TwoRows
from tandem.data.paired import Paired, train_scores
from tandem.data.store import Store, prepare
from tandem.text.example import Example
from tandem.text.tokenizer import train_tokenizer

CLS, SEP = 98, 99
FORMS = [TwoRows(), TwoRows(Frame((CLS,), (SEP,))), OneRow(CLS, SEP)]
TOKENIZER = train_tokenizer(["abcdefgh"], kind="char", size=13)


def store(kind: CorpusKind, pairs: list[tuple[str, str, str | float | None]]) -> Store:
    examples = [Example(first, str(number), second, target) for number, (first, second, target) in enumerate(pairs)]
    corpus = Cards(kind, {"train": examples, "validation": examples}, ("x", "y") if kind == "pair" else ())
    return prepare(corpus, f"cards-{kind}", options={}, tokenizer=TOKENIZER)


def numbers(size: int) -> np.ndarray:
    return np.array([size])


@given(first=st.integers(1, 30), second=st.integers(1, 30), length=st.integers(5, 30), form=st.sampled_from(FORMS))
def test_a_pair_fits_when_it_is_cut_and_takes_the_positions_that_are_declared(
    first: int, second: int, length: int, form: PairRows
) -> None:
    kept = form.kept(numbers(first), numbers(second), length)
    (one,), (other,) = (sizes.tolist() for sizes in kept)
    assert 0 < one <= first
    assert 0 < other <= second
    rows = form.rows([list(range(one))], [list(range(other))])
    assert rows.ids.shape[1] <= length
    assert rows.ids.size == form.positions(*kept)[0]
    room = rows.ids.shape[1] < length
    assert (one, other) == (first, second) or not room or isinstance(form, TwoRows)


@pytest.mark.parametrize(
    ("sizes", "kept"), [((20, 2), (8, 2)), ((2, 20), (2, 8)), ((20, 20), (5, 5)), ((6, 5), (5, 5)), ((4, 6), (4, 6))]
)
def test_in_one_row_the_longer_text_is_cut_first(sizes: tuple[int, int], kept: tuple[int, int]) -> None:
    found = OneRow(CLS, SEP).kept(numbers(sizes[0]), numbers(sizes[1]), 13)
    assert tuple(int(size[0]) for size in found) == kept


@pytest.mark.parametrize("length", [5, 6, 9, 10, 12, 13])
def test_in_one_row_texts_are_cut_as_the_tokenizers_library_cuts_them(length: int) -> None:
    library = tokenizers.Tokenizer(models.WordLevel({"a": 0, "[CLS]": 1, "[SEP]": 2}))
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    library.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    library.enable_truncation(length, strategy="longest_first")
    firsts, seconds = (sizes.ravel() for sizes in np.meshgrid(np.arange(1, 16), np.arange(1, 16)))
    read = library.encode_batch([("a " * one, "a " * other) for one, other in zip(firsts, seconds, strict=True)])
    theirs = [[ids.sequence_ids.count(side) for ids in read] for side in (0, 1)]
    assert [sizes.tolist() for sizes in OneRow(CLS, SEP).kept(firsts, seconds, length)] == theirs


def test_two_texts_stand_in_rows_of_their_own_one_behind_the_other() -> None:
    rows = TwoRows(Frame((CLS,), (SEP,))).rows([[1, 2, 3], [4]], [[5], [6, 7]])
    texts = [row[mask].tolist() for row, mask in zip(rows.ids, rows.mask, strict=True)]
    assert texts == [[CLS, 1, 2, 3, SEP], [CLS, 5, SEP], [CLS, 4, SEP], [CLS, 6, 7, SEP]]
    assert rows.segments is None


def test_two_texts_stand_in_one_row_and_have_numbers() -> None:
    rows = OneRow(CLS, SEP).rows([[1, 2], [4]], [[5], [6, 7, 8]])
    assert rows.ids.tolist() == [[CLS, 1, 2, SEP, 5, SEP, 0], [CLS, 4, SEP, 6, 7, 8, SEP]]
    assert rows.segments is not None
    assert rows.segments.tolist() == [[0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1, 1]]


@pytest.mark.parametrize(("form", "length"), [(TwoRows(Frame((CLS,), (SEP,))), 2), (OneRow(CLS, SEP), 4)])
def test_a_length_without_room_is_refused(form: PairRows, length: int) -> None:
    with pytest.raises(UsageError, match=rf"data\.length = {length}: .* takes at least {length + 1} positions"):
        Paired(store("pair", [("a", "b", "x")]), "train", form=form, length=length)


def test_a_pair_without_a_class_is_left_out_and_said() -> None:
    made = store("pair", [("ab", "c", "y"), ("a", "b", None), ("abc", "defg", "x")])
    source = Paired(made, "train", form=TwoRows(), length=3)
    assert len(source) == 2
    rows = source.rows(np.array([1, 0]), key=0)
    assert rows.targets is not None
    assert rows.targets.tolist() == [0, 1]
    assert rows.sequences.tolist() == [1, 0]
    assert rows.mask.sum(axis=1).tolist() == [3, 3, 2, 1]
    assert source.lengths(np.array([0, 1])).tolist() == [4, 6]
    assert source.examples(np.array([0, 1])).tolist() == [0, 2]
    assert source.notes() == [
        "1 of 2 pairs of the train split do not fit into 3 positions: the ends of their texts are not read "
        "(data.length)",
        "1 pairs of the train split have no known target and are left out",
    ]


def test_scores_may_be_negative_and_a_missing_one_leaves_its_pair_out() -> None:
    made = store("score", [("ab", "c", -2.0), ("a", "b", None), ("abc", "d", 5.0)])
    rows = Paired(made, "train", form=TwoRows(), length=8).rows(np.arange(2), key=0)
    assert rows.targets is not None
    assert rows.targets.tolist() == [-2.0, 5.0]
    assert train_scores(made).tolist() == [-2.0, 5.0]


@pytest.mark.parametrize(("kind", "wanted"), [("pair", "class"), ("score", "score")])
def test_a_split_without_a_target_is_refused(kind: CorpusKind, wanted: str) -> None:
    with pytest.raises(DataError, match=f"train split of corpus cards-{kind} holds no pair whose {wanted} is known"):
        Paired(store(kind, [("a", "b", None)]), "train", form=TwoRows(), length=8)


def test_scores_that_are_all_the_same_are_refused() -> None:
    with pytest.raises(DataError, match="holds no two different scores"):
        train_scores(store("score", [("a", "b", 3.0), ("b", "c", 3.0)]))


def test_pairs_with_the_same_first_text_belong_together() -> None:
    found = Paired(
        store("pair", [("abc", "d", "x"), ("ab", "c", "y"), ("abc", "e", None), ("abc", "f", "y")]), "train",
        form=TwoRows(), length=8,
    )  # fmt: skip
    assert found.examples(np.arange(3)).tolist() == [0, 1, 3]
    assert found.clusters(np.arange(3)).tolist() == [0, 1, 0]
