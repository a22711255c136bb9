"""What every corpus promises, for all that can be had on this machine."""

import os
from itertools import groupby, islice
from typing import Any, get_args

import pytest

from tandem.core import parts
from tandem.core.choices import CorpusKind
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.hub import MIRROR
from tandem.text.splits import SPLITS, every_twentieth

CORPORA = "tandem.text.corpora"
ENOUGH = 30_000


@pytest.fixture(scope="module", params=parts.names(CORPORA))
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Makes the corpus of this name."""
    part = parts.load_class(CORPORA, request.param, Corpus)
    options: dict[str, Any] = {}
    if part.source == "hub":
        if not os.environ.get(MIRROR):
            pytest.skip(f"no network in tests, and {MIRROR} names no mirror of public data sets")
        # A row of running text is a line, and it takes many lines until one article in twenty validates.
        rows = 12_000 if part.kind == "text" else 200
        options = {"limit": rows} if "limit" in parts.options(part) else {}
        # A table of BLiMP is one of its paradigms, of which a mirror may hold some.
        if not part.table.where() and part.kind != "contrast":
            pytest.skip(f"{MIRROR} does not hold {part.identifier}")
    if part.source == "made" and "rows" in parts.options(part):
        options = {"rows": 240}
    if part.source == "file":
        folder = tmp_path_factory.mktemp("texts")
        for number in range(40):
            (folder / f"{number:02}.txt").write_text(f"One of {number}.\n\nTwo of {number}.\n", encoding="utf-8")
        options = {"path": str(folder)}
    return lambda: part(**options)


def splits(corpus: Corpus) -> tuple[str, ...]:
    """The splits that hold text: public minimal pairs only test."""
    return ("test",) if (corpus.source, corpus.kind) == ("hub", "contrast") else SPLITS


def documents(corpus: Corpus, split: str) -> list[str]:
    """The documents of a split in the order in which they are read."""
    return [document for document, _ in groupby(example.document for example in islice(corpus.examples(split), ENOUGH))]


@pytest.mark.parametrize("name", parts.names(CORPORA))
def test_it_says_what_it_is_whose_it_is_and_where_it_comes_from(name: str) -> None:
    part = parts.load_class(CORPORA, name, Corpus)
    for text in (part.title, part.licence, part.citation):
        assert isinstance(text, str)
        assert text == text.strip() != ""
        assert "\n" not in text
    assert part.source in ("package", "hub", "file", "made")
    assert (part.identifier is not None) == bool(part.rows) == (part.source == "hub")
    if part.source == "hub":
        assert part.identifier == part.table.identifier
        assert all(number > 0 for number in part.rows.values())


def test_it_says_what_its_examples_hold_and_they_do(make: Any) -> None:
    corpus = make()
    labels, kind = corpus.labels(), corpus.kind
    assert kind in get_args(CorpusKind)
    assert len(labels) == len(set(labels))
    assert bool(labels) == (kind in ("label", "pair", "tags"))
    for split in splits(corpus):
        for example in islice(corpus.examples(split), 1_000):
            assert (example.second is not None) == (kind in ("pair", "score", "translation", "contrast"))
            assert fits(example, kind, labels)


def fits(example: Example, kind: str, labels: tuple[str, ...]) -> bool:
    """Whether the target is one of this kind."""
    match example.target:
        case None:
            return kind != "tags"
        case str():
            return kind in ("label", "pair") and example.target in labels
        case float():
            return kind == "score"
        case tags:
            return kind == "tags" and len(tags) == len(example.text.split(" ")) and set(tags) <= set(labels)


def test_what_it_notes_are_lines(make: Any) -> None:
    notes = make().notes()
    assert all(isinstance(note, str) and note and "\n" not in note for note in notes)
    assert len(notes) == len(set(notes))


def test_no_document_is_in_two_splits_and_none_comes_back_after_another(make: Any) -> None:
    every = [document for split in SPLITS for document in documents(make(), split)]
    assert len(every) == len(set(every))


def test_every_split_has_text_and_no_empty_example(make: Any) -> None:
    for split in splits(make()):
        examples = list(islice(make().examples(split), ENOUGH))
        assert examples
        assert all(example.text.strip() and example.document for example in examples)
        # Running text may keep its line breaks; what has a target is a text by itself.
        assert make().kind == "text" or all(example.text == example.text.strip() for example in examples)
        assert all(example.second is None or example.second == example.second.strip() != "" for example in examples)


def test_most_of_it_trains(make: Any) -> None:
    if make().source == "hub":
        pytest.skip("a limit shortens its train split only")
    assert len(documents(make(), "train")) > 8 * max(len(documents(make(), split)) for split in SPLITS[1:])


def test_reading_twice_gives_the_same(make: Any) -> None:
    corpus = make()
    assert corpus.fingerprint() == corpus.fingerprint() == make().fingerprint()
    first, again, other = (list(islice(source.examples("test"), 500)) for source in (corpus, corpus, make()))
    assert first == again == other


def test_of_twenty_documents_one_validates_and_one_tests() -> None:
    splits = [every_twentieth(index) for index in range(60)]
    assert [splits.count(split) for split in SPLITS] == [54, 3, 3]
    assert splits[:20] == splits[20:40]
