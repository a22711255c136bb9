import tempfile
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.errors import DataError
from tandem.data.spans import RunningText, spans
from tandem.data.store import Store
from tandem.text.tokenizer import train_tokenizer

TOKENIZER = train_tokenizer(["one"], kind="words", size=8)

# Documents of examples of sentences, each sentence given by its number of tokens.
Documents = list[list[list[int]]]
SENTENCES = st.lists(st.integers(1, 12), min_size=1, max_size=4)
DOCUMENTS = st.lists(st.lists(SENTENCES, min_size=1, max_size=3), min_size=1, max_size=4)


def shelved(folder: Path, documents: Documents) -> Store:
    """A store with one split of these lengths."""
    examples = [sum(example) for document in documents for example in document]
    lengths = {
        "documents": [sum(map(sum, document)) for document in documents],
        "examples": examples,
        "sentences": [sentence for document in documents for example in document for sentence in example],
    }
    np.zeros(sum(examples), dtype=np.uint16).tofile(folder / "train.tokens")
    for kind, sizes in lengths.items():
        np.cumsum([0, *sizes], dtype=np.uint64).tofile(folder / f"train.{kind}")
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    return Store(folder, TOKENIZER, {"dtype": "uint16", "corpus": "shelf", "kind": "text", "files": files})


def cut(documents: Documents, pack: str, length: int) -> list[tuple[int, int]]:
    with tempfile.TemporaryDirectory() as folder:
        found = spans(shelved(Path(folder), documents), "train", pack=pack, length=length)
        return [(start, end) for start, end in found.tolist()]


def starts(documents: Documents, *, sentences: bool = False) -> set[int]:
    """Where documents or sentences begin, and where the last one ends."""
    sizes = [[n for example in document for n in example] for document in documents]
    return {0, *np.cumsum(list(chain(*sizes)) if sentences else list(map(sum, sizes))).tolist()}


@pytest.mark.parametrize("pack", ["windows", "sentences"])
@settings(deadline=None, max_examples=60)
@given(documents=DOCUMENTS, length=st.integers(1, 20))
def test_windows_and_sentences_hold_every_token_once_in_order(pack: str, documents: Documents, length: int) -> None:
    found = cut(documents, pack, length)
    assert found[0][0] == 0
    assert all(end == start for (_, end), (start, _) in pairwise(found))
    assert found[-1][1] == max(starts(documents))


@pytest.mark.parametrize("pack", ["windows", "sentences", "examples"])
@settings(deadline=None, max_examples=60)
@given(documents=DOCUMENTS, length=st.integers(1, 20))
def test_no_sequence_is_empty_too_long_or_of_two_documents(pack: str, documents: Documents, length: int) -> None:
    borders = starts(documents)
    for start, end in cut(documents, pack, length):
        assert 0 < end - start <= length
        assert not any(start < border < end for border in borders)


@settings(deadline=None, max_examples=60)
@given(documents=DOCUMENTS, length=st.integers(1, 20))
def test_a_window_is_full_unless_its_document_ends(documents: Documents, length: int) -> None:
    assert all(end - start == length or end in starts(documents) for start, end in cut(documents, "windows", length))


@settings(deadline=None, max_examples=60)
@given(documents=DOCUMENTS, length=st.integers(12, 20))
def test_sentences_that_fit_are_never_cut(documents: Documents, length: int) -> None:
    assert {start for start, _ in cut(documents, "sentences", length)} <= starts(documents, sentences=True)


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        ("windows", [(0, 4), (4, 8), (8, 12), (12, 15), (15, 17)]),
        # 2 + 2 fit into 4; of 9 the rest, 1, is joined by the 1 behind it; 1 stands alone for want of room.
        ("sentences", [(0, 4), (4, 8), (8, 12), (12, 15), (15, 17)]),
        ("examples", [(0, 4), (4, 8), (14, 15), (15, 17)]),
    ],
)
def test_sequences_are_those_worked_by_hand(pack: str, expected: list[tuple[int, int]]) -> None:
    assert cut([[[2, 2], [9, 1], [1]], [[2]]], pack, 4) == expected


def test_as_many_sentences_as_fit_go_together() -> None:
    assert cut([[[3, 3], [2, 5, 1]]], "sentences", 8) == [(0, 8), (8, 14)]
    assert cut([[[3, 3], [3, 5, 1]]], "sentences", 8) == [(0, 6), (6, 14), (14, 15)]


def test_sequences_are_cut_once_and_then_only_read(tmp_path: Path) -> None:
    store = shelved(tmp_path, [[[5, 5]]])
    first = spans(store, "train", pack="windows", length=4)
    (tmp_path / "train.documents").unlink()
    assert np.array_equal(spans(store, "train", pack="windows", length=4), first)
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 3


@pytest.mark.parametrize("pack", ["windows", "sentences", "examples"])
def test_a_split_without_a_sequence_is_a_data_error(tmp_path: Path, pack: str) -> None:
    with pytest.raises(DataError, match="the train split of corpus shelf is empty"):
        spans(shelved(tmp_path, []), "train", pack=pack, length=4)


def test_rows_hold_the_tokens_between_the_cuts_in_the_order_asked_for(tmp_path: Path) -> None:
    store = shelved(tmp_path, [[[3, 1, 6]]])
    np.arange(10, 20, dtype=np.uint16).tofile(tmp_path / "train.tokens")
    source = RunningText(store, "train", pack="windows", length=4)
    rows = source.rows(np.array([2, 0]), key=0)
    assert rows.ids.tolist() == [[18, 19, 0, 0], [10, 11, 12, 13]]
    assert rows.sequences.tolist() == [2, 0]
    assert source.lengths(np.array([2, 0])).tolist() == rows.mask.sum(axis=1).tolist() == [2, 4]
    assert len(source) == 3


def test_sequences_of_one_document_belong_together(tmp_path: Path) -> None:
    source = RunningText(shelved(tmp_path, [[[5, 2]], [[3]], [[4]]]), "train", pack="windows", length=4)
    assert source.clusters(np.array([3, 0, 1, 2])).tolist() == [2, 0, 0, 1]
