import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shelf import SMALL, Shelf

from tandem.data.store import Store, cache_folder, prepare
from tandem.text.sentences import sentence_spans
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import KINDS

NO_TORCH = """
import importlib, pkgutil, sys
import tandem.text
for found in pkgutil.walk_packages(tandem.text.__path__, "tandem.text."):
    importlib.import_module(found.name)
for name in ("building", "store", "spans", "stream", "masking", "rows", "source"):
    importlib.import_module(f"tandem.data.{name}")
print([name for name in ("torch", "jaxtyping", "pandas", "datasets") if name in sys.modules])
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path))


def stored(corpus: Shelf, **changes: Any) -> Store:
    others = {name: changes.pop(name) for name in ("options", "say") if name in changes}
    return prepare(corpus, "shelf", tokenizer={"kind": "words", "size": 300, **changes}, **{"options": {}, **others})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", SPLITS)
def test_tokens_are_those_of_the_texts_cut_where_examples_and_documents_begin(kind: str, split: str) -> None:
    store = stored(Shelf(SMALL), kind=kind)
    found = store.split(split)
    texts = [text for paragraphs in SMALL[split].values() for text in paragraphs]
    examples = [found.tokens[start:end].tolist() for start, end in pairwise(found.examples.tolist())]
    assert examples == [store.tokenizer.encode(text) for text in texts]
    assert found.examples[0] == 0
    assert found.examples[-1] == found.documents[-1] == found.sentences[-1] == len(found.tokens)
    begin = np.cumsum([0, *[len(paragraphs) for paragraphs in SMALL[split].values()]])
    assert found.documents.tolist() == found.examples[begin].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_sentences_begin_where_the_text_says(kind: str) -> None:
    store = stored(Shelf(SMALL), kind=kind)
    found = store.split("train")
    texts = [text for paragraphs in SMALL["train"].values() for text in paragraphs]
    sentences = [text[start:end] for text in texts for start, end in sentence_spans(text)]
    assert len(sentences) == 8
    decoded = [
        store.tokenizer.decode(found.tokens[start:end].tolist()) for start, end in pairwise(found.sentences.tolist())
    ]
    again = [store.tokenizer.decode(store.tokenizer.encode(sentence)) for sentence in sentences]
    assert [text.strip() for text in decoded] == [text.strip() for text in again]


def test_what_leaves_no_token_leaves_no_example() -> None:
    train = {"a": ["...", "One. ... Two.", "!"], "b": ["?"], "c": ["Three."]}
    found = stored(Shelf({**SMALL, "train": train})).split("train")
    assert (found.examples.tolist(), found.sentences.tolist(), found.documents.tolist()) == (
        [0, 2, 3],
        [0, 1, 2, 3],
        [0, 2, 3],
    )


def test_the_counts_are_those_of_the_train_split() -> None:
    store = stored(Shelf(SMALL))
    assert store.counts.tolist() == np.bincount(store.split("train").tokens, minlength=store.tokenizer.size).tolist()
    the, wind = store.tokenizer.encode("the wind")
    assert (store.counts[the], store.counts[wind]) == (2, 3)


def test_every_split_is_counted_and_so_is_what_is_unknown() -> None:
    rest = {"without_text": 0, "without_target": 0, "dropped_words": 0, "empty": 0}
    assert stored(Shelf(SMALL)).meta["splits"] == {
        "train": {
            "tokens": 21,
            "unknown": 0,
            "examples": 3,
            "sentences": 8,
            "documents": 2,
            "characters": 118,
            "bytes": 118,
            **rest,
        },
        "validation": {
            "tokens": 6,
            "unknown": 0,
            "examples": 1,
            "sentences": 2,
            "documents": 1,
            "characters": 31,
            "bytes": 31,
            **rest,
        },
        "test": {
            "tokens": 7,
            "unknown": 3,
            "examples": 2,
            "sentences": 3,
            "documents": 2,
            "characters": 37,
            "bytes": 39,
            **rest,
        },
    }


def test_a_store_is_built_once() -> None:
    corpus, said = Shelf(SMALL), []
    first = stored(corpus, say=said.append)
    readings = corpus.readings
    second = stored(corpus, say=said.append)
    assert readings == corpus.readings > 0
    assert len(said) == 1
    assert first.folder == second.folder
    assert first.meta == second.meta


def test_whatever_a_store_is_made_from_makes_another_store() -> None:
    other = {**SMALL, "test": {"d": ["The winter wind!"]}}
    stores = [stored(Shelf(SMALL)), stored(Shelf(other)), stored(Shelf(SMALL), size=200),
              stored(Shelf(SMALL), kind="char"), stored(Shelf(SMALL), options={"limit": 5})]  # fmt: skip
    assert len({store.folder for store in stores}) == len(stores)


def test_more_than_65536_ids_are_kept_apart() -> None:
    words = [f"w{number}" for number in range(66_000)]
    store = stored(Shelf({**SMALL, "train": {"a": [" ".join(words)]}}), size=100_000)
    ids = store.split("train").tokens
    assert len(np.unique(ids)) == len(words)
    assert [store.tokenizer.token(int(ids[place])) for place in (0, 65_535, 65_999)] == ["w0", "w65535", "w65999"]


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"TANDEM_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"TANDEM_CACHE": "", "XDG_CACHE_HOME": "/b"}, "/b/tandem"),
        ({"TANDEM_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/tandem"),
    ],
)
def test_the_cache_is_where_the_user_says(
    variables: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(folder)


def test_text_and_its_tokens_are_had_without_torch() -> None:
    done = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
