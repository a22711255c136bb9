"""What every corpus promises, for all that can be had on this machine."""

import os
from itertools import groupby, islice
from typing import Any

import pytest

from tandem.core import parts
from tandem.text.corpora.base import SPLITS, Corpus, every_twentieth
from tandem.text.hub import MIRROR

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
        options = {"limit": 200}
    if part.source == "file":
        folder = tmp_path_factory.mktemp("texts")
        for number in range(40):
            (folder / f"{number:02}.txt").write_text(f"One of {number}.\n\nTwo of {number}.\n", encoding="utf-8")
        options = {"path": str(folder)}
    return lambda: part(**options)


def documents(corpus: Corpus, split: str) -> list[str]:
    """The documents of a split in the order in which they are read."""
    return [document for document, _ in groupby(example.document for example in islice(corpus.examples(split), ENOUGH))]


def test_it_says_what_it_is_whose_it_is_and_where_it_comes_from(make: Any) -> None:
    corpus = make()
    assert all(isinstance(text, str) and text for text in (corpus.title, corpus.licence, corpus.citation))
    assert corpus.source in ("package", "hub", "file", "made")


def test_no_document_is_in_two_splits_and_none_comes_back_after_another(make: Any) -> None:
    every = [document for split in SPLITS for document in documents(make(), split)]
    assert len(every) == len(set(every))


def test_every_split_has_text_and_no_empty_example(make: Any) -> None:
    for split in SPLITS:
        examples = list(islice(make().examples(split), ENOUGH))
        assert examples
        assert all(example.text == example.text.strip() != "" and example.document for example in examples)


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
