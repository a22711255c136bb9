"""Pairs of texts: what stands in them, how often the second follows the first, and that nothing else tells."""

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.errors import DataError, UsageError
from tandem.data.rows import Rows
from tandem.data.sentence_pairs import ELSEWHERE, FOLLOWS, SentencePairs
from tandem.data.store import Store
from tandem.text.tokenizer import train_tokenizer

TOKENIZER = train_tokenizer(["one"], kind="char", size=10)
CLS, SEP = TOKENIZER.cls_id, TOKENIZER.sep_id
FIRST_ID = 100

# Documents of sentences, each given by its number of tokens.
Documents = list[list[int]]
LIBRARY: Documents = [[3, 5, 2, 8] * 5, [40], [6] * 30, [2, 2], [30, 1, 50, 4], [7] * 12]


def shelved(folder: Path, documents: Documents, tokenizer=TOKENIZER) -> Store:
    """A store with one split of these lengths; every token says where it stands."""
    sizes = {"documents": list(map(sum, documents)), "sentences": [size for sizes in documents for size in sizes]}
    sizes["examples"] = sizes["documents"]
    (FIRST_ID + np.arange(sum(sizes["documents"]), dtype=np.uint32)).tofile(folder / "train.tokens")
    for kind, numbers in sizes.items():
        np.cumsum([0, *numbers], dtype=np.uint64).tofile(folder / f"train.{kind}")
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    return Store(folder, tokenizer, {"dtype": "uint32", "corpus": "shelf", "kind": "text", "files": files})


def pairs(folder: Path, documents: Documents = LIBRARY, *, length: int = 43) -> SentencePairs:
    return SentencePairs(shelved(folder, documents), "train", length=length)


def texts(rows: Rows) -> list[tuple[list[int], list[int]]]:
    """The places of the tokens of a and b of each row, which is checked to be framed as it should be."""
    found = []
    for ids, mask, segments in zip(rows.ids, rows.mask, rows.segments, strict=True):
        length = int(mask.sum())
        assert mask[:length].all()
        assert ids[0] == CLS
        first, second = np.flatnonzero(ids == SEP)
        assert second == length - 1
        assert not ids[length:].any()
        assert segments.tolist() == [0] * (first + 1) + [1] * (length - first - 1) + [0] * (len(ids) - length)
        found.append(((ids[1:first] - FIRST_ID).tolist(), (ids[first + 1 : second] - FIRST_ID).tolist()))
    return found


def seams(documents: Documents) -> dict[int, int]:
    """Every place at which a sentence begins behind another of its document, with the number of its document."""
    starts = np.cumsum([0, *map(sum, documents)])
    return {
        int(starts[number] + place): number for number, sizes in enumerate(documents) for place in np.cumsum(sizes)[:-1]
    }


def epoch(source: SentencePairs, key: int) -> Rows:
    return source.rows(np.arange(len(source)), key=key)


def judged(source: SentencePairs, keys: int) -> list[tuple[list[int], list[int], int]]:
    """a, b and the target of all pairs of so many epochs."""
    epochs = [epoch(source, key) for key in range(keys)]
    return [
        (a, b, target) for rows in epochs for (a, b), target in zip(texts(rows), rows.targets.tolist(), strict=True)
    ]


@settings(deadline=None, max_examples=60)
@given(
    documents=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=6), max_size=5).map(
        lambda some: [[2, 3], *some, [1, 1, 4]]
    ),
    length=st.integers(5, 30),
    key=st.integers(0, 2**60),
)
def test_two_texts_meet_at_seams_inside_their_documents(documents: Documents, length: int, key: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = epoch(pairs(Path(folder), documents, length=length), key)
    known, borders = seams(documents), np.cumsum([0, *map(sum, documents)])
    half = (length - 3) // 2
    for (a, b), target in zip(texts(rows), rows.targets, strict=True):
        assert len(a) + len(b) + 3 <= length
        left, right = known[a[-1] + 1], known[b[0]]
        begin, end = borders[left], borders[right + 1]
        assert a == list(range(max(begin, a[-1] + 1 - half), a[-1] + 1))
        assert b == list(range(b[0], min(end, b[0] + length - 3 - half)))
        assert (a[-1] + 1 == b[0]) == (target == FOLLOWS)
        assert (left == right) == (target == FOLLOWS)


def test_one_half_follows_and_the_other_does_not(tmp_path: Path) -> None:
    source = pairs(tmp_path)
    targets = np.concatenate([epoch(source, key).targets for key in range(200)])
    assert set(targets.tolist()) == {FOLLOWS, ELSEWHERE}
    # Within five standard errors.
    assert abs(targets.mean() - 0.5) < 5 * np.sqrt(0.25 / targets.size)


def test_a_second_text_from_elsewhere_comes_from_every_seam_of_the_other_documents_alike(tmp_path: Path) -> None:
    source = pairs(tmp_path)
    known = seams(LIBRARY)
    drawn = judged(source, 400)
    begins = [b[0] for a, b, target in drawn if target == ELSEWHERE and known[a[-1] + 1] == 2]
    others = [place for place, document in known.items() if document != 2]
    places, counts = np.unique(begins, return_counts=True)
    assert places.tolist() == others
    expected = len(begins) / len(others)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_an_epoch_asks_about_every_part_of_the_text(tmp_path: Path) -> None:
    source = pairs(tmp_path)
    known = sorted(seams(LIBRARY))
    for key in range(5):
        asked = [known.index(a[-1] + 1) for a, _ in texts(epoch(source, key))]
        bounds = [n * len(known) // len(source) for n in range(len(source) + 1)]
        assert all(low <= seam < high for low, seam, high in zip(bounds[:-1], asked, bounds[1:], strict=True))
    # Reads of a token in an epoch: it stands in a first and, every other time, in a second text.
    reads = [len(a) + len(b) for a, b in texts(epoch(source, 0))]
    assert 1 < sum(reads) / sum(map(sum, LIBRARY)) < 2.2


def test_seams_are_drawn_anew_in_every_epoch_and_in_the_end_all_of_them(tmp_path: Path) -> None:
    source = pairs(tmp_path)
    asked = [tuple(a[-1] + 1 for a, _ in texts(epoch(source, key))) for key in range(40)]
    assert len(set(asked)) == 40
    assert {place for places in asked for place in places} == set(seams(LIBRARY))


def test_where_seams_are_few_each_is_asked_about_once_in_an_epoch(tmp_path: Path) -> None:
    documents = [[50, 60, 70], [80, 10]]
    source = pairs(tmp_path, documents, length=15)
    assert sorted(a[-1] + 1 for a, _ in texts(epoch(source, 4))) == sorted(seams(documents))


def test_a_document_of_one_sentence_is_never_read(tmp_path: Path) -> None:
    alone = set(range(sum(LIBRARY[0]), sum(LIBRARY[0]) + 40))
    source = pairs(tmp_path)
    read = {token for key in range(60) for a, b in texts(epoch(source, key)) for token in (*a, *b)}
    assert not read & alone
    assert len(read) > 0.9 * (sum(map(sum, LIBRARY)) - len(alone))


def test_rows_are_a_pure_function_of_key_and_number(tmp_path: Path) -> None:
    store = shelved(tmp_path, LIBRARY)
    source = SentencePairs(store, "train", length=43)
    whole = epoch(source, 7)
    chosen = np.array([5, 0, len(source) - 1, 2])
    some = SentencePairs(store, "train", length=43).rows(chosen, key=7)
    assert texts(some) == [texts(whole)[number] for number in chosen]
    assert np.array_equal(some.targets, whole.targets[chosen])
    assert np.array_equal(some.sequences, chosen)
    assert texts(epoch(source, 8)) != texts(whole)


@settings(deadline=None, max_examples=60)
@given(
    documents=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=6), max_size=5).map(
        lambda some: [[2, 3], *some, [1, 1, 4]]
    ),
    length=st.integers(5, 30),
)
def test_no_row_is_longer_than_it_declares_nor_declares_more_than_its_documents_can_fill(
    documents: Documents, length: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = pairs(Path(folder), documents, length=length)
        numbers = np.arange(len(source))
        lengths = source.lengths(numbers)
        drawn = np.max([source.rows(numbers, key=key).mask.sum(axis=1) for key in range(20)], axis=0)
    assert (drawn <= lengths).all()
    half = (length - 3) // 2
    before = max(sum(sizes[:-1]) for sizes in documents if len(sizes) > 1)
    behind = max(sum(sizes[1:]) for sizes in documents if len(sizes) > 1)
    assert lengths.max() == 3 + min(half, before) + min(length - 3 - half, behind)


def test_short_documents_declare_short_rows_beside_long_ones(tmp_path: Path) -> None:
    source = pairs(tmp_path, [[2, 3]] * 50 + [[40, 3]], length=103)
    lengths = source.lengths(np.arange(len(source))).tolist()
    assert min(lengths) == 3 + 2 + 3
    assert max(lengths) == 3 + 40 + 3


@pytest.mark.parametrize(("documents", "found"), [([[2, 2, 2]], 1), ([[3], [4], [5]], 0), ([], 0), ([[2, 2], [9]], 1)])
def test_without_two_documents_of_two_sentences_there_is_no_question(
    tmp_path: Path, documents: Documents, found: int
) -> None:
    with pytest.raises(DataError, match=f"train split of corpus shelf has {found} documents.*needs two"):
        pairs(tmp_path, documents)


def test_two_documents_suffice(tmp_path: Path) -> None:
    found = {(a[0], b[0], target) for a, b, target in judged(pairs(tmp_path, [[1, 1], [1, 1]], length=5), 30)}
    assert found == {(0, 1, FOLLOWS), (0, 3, ELSEWHERE), (2, 3, FOLLOWS), (2, 1, ELSEWHERE)}


def test_a_row_without_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.length = 4: \[CLS\] a \[SEP\] b \[SEP\] takes at least 5"):
        pairs(tmp_path, length=4)


def test_a_tokenizer_without_a_frame_is_refused(tmp_path: Path) -> None:
    words = train_tokenizer(["one"], kind="words", size=10)
    with pytest.raises(UsageError, match=r"no \[CLS\]"):
        SentencePairs(shelved(tmp_path, LIBRARY, words), "train", length=43)


def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    store = shelved(tmp_path, [[5] * 20_000] * 20)
    tracemalloc.start()
    source = SentencePairs(store, "train", length=64)
    source.rows(np.arange(8), key=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The tokens take 8 MB, the sentences 3.2 MB.
    assert peak < 200_000
