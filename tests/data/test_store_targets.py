"""Second texts, classes, scores and tags in a store."""

from pathlib import Path

import numpy as np
import pytest
from shelf import SMALL, Cards, Shelf

from tandem.core.choices import CorpusKind
from tandem.core.errors import DataError
from tandem.data.store import Store, prepare
from tandem.text.example import Example
from tandem.text.tokenizer import Tokenizer, train_tokenizer

LABELS = ("yes", "no")
PAIRS = {
    "train": [Example("a b c.", "0", "d e", "no"), Example("a", "1", "b", None), Example("e d", "2", "a", "yes")],
    "validation": [Example("c", "3", "e", "yes"), Example("a", "4", "!", "no")],
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(kind: CorpusKind, splits: dict[str, list[Example]], *labels: str, reader: str = "words") -> Store:
    return prepare(Cards(kind, splits, labels), "cards", options={}, tokenizer={"kind": reader, "size": 300})


def texts_of(store: Store, split: str, number: int) -> tuple[str, str]:
    found = store.split(split)
    assert found.seconds is not None
    start, second, end = (int(edge[number]) for edge in (found.examples[:-1], found.seconds, found.examples[1:]))
    first, other = found.tokens[start:second], found.tokens[second:end]
    return store.tokenizer.decode(first.tolist()), store.tokenizer.decode(other.tolist())


def test_a_pair_is_cut_where_its_second_text_begins() -> None:
    store = stored("pair", PAIRS, *LABELS)
    assert [texts_of(store, "train", number) for number in range(3)] == [("a b c", "d e"), ("a", "b"), ("e d", "a")]
    train = store.split("train")
    assert train.sentences.tolist() == [0, 3, 5, 6, 7, 9, 10]
    assert train.tags is None


def test_classes_are_numbered_as_the_corpus_says_and_disagreement_is_counted() -> None:
    store = stored("pair", PAIRS, *LABELS)
    assert store.labels == LABELS
    train = store.split("train").targets
    assert train is not None
    assert train.tolist() == [1, -1, 0]
    assert store.meta["splits"]["train"]["without_target"] == 1


def test_a_pair_without_a_token_on_one_side_is_left_out_and_counted() -> None:
    store = stored("pair", PAIRS, *LABELS)
    assert len(store.split("validation").examples) == 2
    assert store.meta["splits"]["validation"]["empty"] == 1


def test_a_class_that_the_train_split_does_not_know_is_a_data_error() -> None:
    with pytest.raises(DataError, match=r'3: the label "yes" does not occur in the train split \(there: no\)'):
        stored("pair", {**PAIRS, "train": PAIRS["train"][:2]}, "no")


def test_scores_are_kept_as_numbers() -> None:
    examples = [Example("a", "0", "b", 0.25), Example("a", "1", "b", None), Example("c", "2", "d", 4.5)]
    found = stored("score", {"train": examples, "validation": examples}).split("train").targets
    assert found is not None
    assert np.array_equal(found, [0.25, np.nan, 4.5], equal_nan=True)


@pytest.mark.parametrize("reader", ["words", "wordpiece", "char", "bpe"])
def test_the_first_token_of_a_word_carries_its_tag(reader: str) -> None:
    examples = [Example("the dogs ran .", "0", None, ("DET", "NOUN", "VERB", "PUNCT"))]
    store = stored("tags", {"train": examples, "validation": examples}, "DET", "NOUN", "PUNCT", "VERB", reader=reader)
    found = store.split("train")
    assert found.tags is not None
    assert len(found.tags) == len(found.tokens)
    assert found.seconds is None
    written = [store.labels[tag] for tag in found.tags.tolist() if tag >= 0]
    # The notebook's tokenizer drops punctuation, so that this word has no token.
    assert written == ["DET", "NOUN", "VERB", "PUNCT"][: 3 if reader == "words" else 4]
    ids, spans = store.tokenizer.encode_with_spans(examples[0].text)
    assert ids == found.tokens.tolist()
    starts = [start for (start, _), tag in zip(spans, found.tags.tolist(), strict=True) if tag >= 0]
    assert [examples[0].text[start:].lstrip()[0] for start in starts] == ["t", "d", "r", "."][: len(written)]


def test_running_text_has_none_of_these() -> None:
    found = prepare(Shelf(SMALL), "shelf", options={}, tokenizer={"kind": "words", "size": 300}).split("train")
    assert (found.seconds, found.targets, found.tags) == (None, None, None)


def test_a_tokenizer_that_is_trained_already_is_taken_over() -> None:
    given: Tokenizer = train_tokenizer(["the winter wind we wait"], kind="words", size=30)
    store = prepare(Shelf(SMALL), "shelf", options={}, tokenizer=given)
    assert store.tokenizer.to_json() == given.to_json()
    other = train_tokenizer(["the summer wind"], kind="words", size=30)
    assert prepare(Shelf(SMALL), "shelf", options={}, tokenizer=other).folder != store.folder
    assert prepare(Shelf(SMALL), "shelf", options={}, tokenizer=given).folder == store.folder


def test_progress_says_what_is_done_and_how_many_characters_it_has_read() -> None:
    told: list[tuple[str, int]] = []
    long = {split: {"a": ["word " * 60_000] * 5} for split in ("train", "validation")}
    prepare(
        Shelf(long), "shelf", options={}, tokenizer={"kind": "words", "size": 30},
        progress=lambda what, done: told.append((what, done)),
    )  # fmt: skip
    assert {what for what, _ in told} == {
        "training the tokenizer", "writing the train split", "writing the validation split",
    }  # fmt: skip
    for what in {what for what, _ in told}:
        counts = [done for name, done in told if name == what]
        assert counts == sorted(counts)
        assert 0 < counts[-1] <= 5 * 300_000


TRANSLATIONS = {
    "train": [Example("a b a", "0", "x y"), Example("b", "1", "y y z")],
    "validation": [Example("a", "2", "z")],
}


def test_second_texts_may_have_a_tokenizer_of_their_own() -> None:
    arguments = {"kind": "words", "size": 300}
    corpus = Cards("translation", TRANSLATIONS)
    store = prepare(corpus, "cards", options={}, tokenizer=arguments, target_tokenizer=arguments)
    target = store.target_tokenizer
    assert target is not None
    assert (store.tokenizer.unknown_rate(store.tokenizer.encode("x y z")), target.encode("a")) == (1.0, [1])
    found = store.split("train")
    assert found.seconds is not None
    assert store.tokenizer.decode(found.tokens[: found.seconds[0]].tolist()) == "a b a"
    assert target.decode(found.tokens[found.seconds[1] :].tolist()) == "y y z"
    occur = {letter: int(store.counts[store.tokenizer.encode(letter)[0]]) for letter in "ab"}
    assert occur == {"a": 2, "b": 2}
    assert {letter: int(store.second_counts[target.encode(letter)[0]]) for letter in "xyz"} == {"x": 1, "y": 3, "z": 1}
    again = prepare(corpus, "cards", options={}, tokenizer=arguments, target_tokenizer=arguments)
    assert (again.folder, again.target_tokenizer.to_json()) == (store.folder, target.to_json())


def test_one_tokenizer_reads_both_texts_and_their_tokens_are_counted_together_and_apart() -> None:
    store = prepare(
        Cards("translation", TRANSLATIONS), "cards", options={}, tokenizer={"kind": "words", "size": 300}
    )  # fmt: skip
    assert store.target_tokenizer is None
    a, y = store.tokenizer.encode("a y")
    assert (store.counts[a], store.second_counts[a], store.counts[y], store.second_counts[y]) == (2, 0, 3, 3)
