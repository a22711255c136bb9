"""Prepared tokens on disk: built once, keyed by what they are made from, read through memory maps."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from tandem.core.errors import DataError, disk_errors
from tandem.core.files import owned, remove, sync_folder, write_json
from tandem.text.corpora.base import SPLITS, Corpus
from tandem.text.example import Example
from tandem.text.sentences import sentence_spans
from tandem.text.tokenizer import Tokenizer, train_tokenizer

FORMAT = 2
BATCH_OF_EXAMPLES = 256
BOUNDARIES = ("examples", "sentences", "documents")


@dataclass(frozen=True)
class Split:
    """One split as memory maps.

    `tokens` (N,) holds the ids; `examples`, `sentences` and `documents` (number + 1,) hold where each begins, and N.
    """

    tokens: NDArray[np.uint16] | NDArray[np.uint32]
    examples: NDArray[np.uint64]
    sentences: NDArray[np.uint64]
    documents: NDArray[np.uint64]


@dataclass(frozen=True)
class Store:
    """A folder with the tokens of all splits, the tokenizer, and how often each id occurs in the train split."""

    folder: Path
    tokenizer: Tokenizer
    meta: dict[str, Any]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Occurrences of each id in the train split, (vocabulary,)."""
        return np.fromfile(self.folder / "counts.i64", dtype=np.int64)

    def split(self, name: str) -> Split:
        """The memory maps of one split."""
        dtype = np.dtype(self.meta["dtype"])
        maps = {kind: _map(self.folder / f"{name}.{kind}", np.dtype(np.uint64)) for kind in BOUNDARIES}
        return Split(_map(self.folder / f"{name}.tokens", dtype), **maps)


def cache_folder() -> Path:
    """Where stores are kept: TANDEM_CACHE, else the user's cache folder."""
    base = os.environ.get("TANDEM_CACHE")
    return Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem"


def prepare(
    corpus: Corpus,
    name: str,
    *,
    options: dict[str, Any],
    kind: str,
    size: int,
    say: Callable[[str], None] = lambda _: None,
) -> Store:
    """The store of a corpus under a tokenizer of `kind` and `size`, built where it is not there yet.

    Building happens beside the final place under a lock and ends with a rename, so there is never half a store and
    two processes build it once. Memory is bounded by the tokenizer's word counts, not by the corpus.

    Raises:
        DataError: the corpus has no text in its train or validation split.
        ResourceError: the disk is full.
    """
    recipe = {
        "format": FORMAT, "corpus": name, "options": options, "fingerprint": corpus.fingerprint(),
        "tokenizer": {"kind": kind, "size": size}, "tokenizers": tokenizers.__version__,
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:20]
    folder = cache_folder() / "stores" / f"{name}-{kind}-{key}"
    if (store := _opened(folder)) is not None:
        return store
    with owned(folder.with_name(f".{folder.name}.building"), wait=True):
        if (store := _opened(folder)) is not None:
            return store
        say(f"preparing {corpus.title}: training the {kind} tokenizer, then writing tokens to {folder}")
        unfinished = folder.with_name(f"{folder.name}.tmp")
        with disk_errors(folder):
            try:
                remove(unfinished)
                _build(corpus, unfinished, recipe, kind=kind, size=size)
                remove(folder)
                os.replace(unfinished, folder)
                sync_folder(folder.parent)
            finally:
                remove(unfinished)
    store = _opened(folder)
    assert store is not None
    return store


def _opened(folder: Path) -> Store | None:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        whole = all((folder / name).stat().st_size == size for name, size in meta["files"].items())
    except (OSError, ValueError, KeyError):
        return None
    return Store(folder, Tokenizer.load(folder / "tokenizer.json"), meta) if whole else None


def _map(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    # An empty file cannot be mapped.
    return np.memmap(path, dtype=dtype, mode="r") if path.stat().st_size else np.empty(0, dtype=dtype)


def _build(corpus: Corpus, folder: Path, recipe: dict[str, Any], *, kind: str, size: int) -> None:
    folder.mkdir(parents=True)
    texts = (example.text for example in corpus.examples("train"))
    first = list(islice(texts, 1))
    if not first:
        raise DataError(f"corpus {recipe['corpus']}: no text to train on")
    tokenizer = train_tokenizer(_chained(first, texts), kind=kind, size=size)
    (folder / "tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
    dtype = np.dtype(np.uint16 if tokenizer.size <= 2**16 else np.uint32)
    splits = {split: _write_split(corpus, split, folder, tokenizer, dtype) for split in SPLITS}
    if not splits["validation"]["tokens"]:
        raise DataError(
            f"corpus {recipe['corpus']}: too little text: at least twenty paragraphs or files, one of which validates"
        )
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    write_json(
        folder / "meta.json",
        {**recipe, "dtype": dtype.name, "vocabulary": tokenizer.size, "splits": splits, "files": files},
    )


def _chained(first: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _write_split(
    corpus: Corpus, split: str, folder: Path, tokenizer: Tokenizer, dtype: np.dtype[Any]
) -> dict[str, int]:
    """Streams one split to disk; returns how many tokens, unknown tokens, examples, sentences and documents it has."""
    counts = np.zeros(tokenizer.size, dtype=np.int64)
    total, document = 0, None
    numbers = dict.fromkeys(BOUNDARIES, 0)
    examples = iter(corpus.examples(split))
    with (folder / f"{split}.tokens").open("wb") as tokens:
        boundaries = {kind: (folder / f"{split}.{kind}").open("wb") for kind in BOUNDARIES}

        def mark(kind: str, at: NDArray[np.integer] | int) -> None:
            starts = np.asarray(at, dtype=np.uint64)
            boundaries[kind].write(starts.tobytes())
            numbers[kind] += starts.size

        try:
            while batch := list(islice(examples, BATCH_OF_EXAMPLES)):
                for example, ids, starts in _encoded(batch, tokenizer):
                    if not ids.size:
                        continue
                    if example.document != document:
                        mark("documents", total)
                        document = example.document
                    mark("examples", total)
                    mark("sentences", starts + total)
                    tokens.write(ids.astype(dtype).tobytes())
                    counts += np.bincount(ids, minlength=tokenizer.size)
                    total += ids.size
            for kind in BOUNDARIES:
                mark(kind, total)
        finally:
            for file in boundaries.values():
                file.close()
    if split == "train":
        (folder / "counts.i64").write_bytes(counts.tobytes())
    unknown = int(counts[tokenizer.unknown_id]) if tokenizer.unknown_id is not None else 0
    return {"tokens": total, "unknown": unknown, **{kind: number - 1 for kind, number in numbers.items()}}


def _encoded(
    batch: list[Example], tokenizer: Tokenizer
) -> Iterator[tuple[Example, NDArray[np.int64], NDArray[np.int64]]]:
    """Each example with its ids (n,) and the token numbers (s,) at which its sentences begin."""
    encodings = tokenizer.inner.encode_batch([example.text for example in batch], add_special_tokens=False)
    for example, encoding in zip(batch, encodings, strict=True):
        ids = np.array(encoding.ids, dtype=np.int64)
        ends = np.array([end for _, end in encoding.offsets], dtype=np.int64)
        begins = np.array([start for start, _ in sentence_spans(example.text)], dtype=np.int64)
        # By where tokens end: a byte-level token begins with the space in front of its word.
        starts = np.unique(np.searchsorted(ends, begins, side="right"))
        yield example, ids, starts[starts < ids.size]
