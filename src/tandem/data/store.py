"""Prepared tokens on disk: built once, keyed by what they are made from, read through memory maps."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from tandem.core.errors import disk_errors
from tandem.core.files import owned, remove, sync_folder
from tandem.data.building import BOUNDARIES, COUNTS, SECOND_COUNTS, TARGET_TOKENIZER, TOKENIZER, Reader, build
from tandem.text.corpora.base import Corpus
from tandem.text.plain import RULES
from tandem.text.tokenizer import Tokenizer

FORMAT = 5


@dataclass(frozen=True)
class Split:
    """One split as memory maps.

    `tokens` (N,) holds the ids; `examples`, `sentences` and `documents` (number + 1,) hold where each begins, and N.
    `seconds` (examples,) holds where the second text of an example begins, `targets` (examples,) the number of its
    class, -1 where it has none, or its score, NaN where it has none. `tags` (N,) holds the number of a word's tag at
    its first token and -1 elsewhere. These three are None where the corpus has no such thing.
    """

    tokens: NDArray[np.uint16] | NDArray[np.uint32]
    examples: NDArray[np.uint64]
    sentences: NDArray[np.uint64]
    documents: NDArray[np.uint64]
    seconds: NDArray[np.uint64] | None
    targets: NDArray[np.int64] | NDArray[np.float64] | None
    tags: NDArray[np.int16] | None


@dataclass(frozen=True)
class Store:
    """A folder with the tokens of all splits, the tokenizer, and how often each id occurs in the train split.

    Second texts have a tokenizer of their own where `target_tokenizer` is not None; their ids are then its ids.
    """

    folder: Path
    tokenizer: Tokenizer
    meta: dict[str, Any]
    target_tokenizer: Tokenizer | None = None

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Occurrences of each id of `tokenizer` in the train split, (vocabulary,)."""
        return np.fromfile(self.folder / COUNTS, dtype=np.int64)

    @cached_property
    def second_counts(self) -> NDArray[np.int64]:
        """Occurrences of each id in the second texts of the train split, (vocabulary of their tokenizer,)."""
        return np.fromfile(self.folder / SECOND_COUNTS, dtype=np.int64)

    @cached_property
    def target_counts(self) -> NDArray[np.int64]:
        """Occurrences of each class or tag in the train split, (classes,); texts without a class are not counted."""
        return self.target_counts_of("train")

    def target_counts_of(self, split: str) -> NDArray[np.int64]:
        """The same of any split."""
        found = self.split(split)
        targets = found.targets if found.tags is None else found.tags
        known = np.empty(0, dtype=np.int64) if targets is None else targets[targets >= 0].astype(np.int64)
        return np.bincount(known, minlength=len(self.labels))

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of all classes or tags, in the order of their numbers."""
        return tuple(self.meta["labels"])

    def split(self, name: str) -> Split:
        """The memory maps of one split."""
        maps = {kind: self._map(f"{name}.{kind}", "uint64") for kind in BOUNDARIES}
        return Split(
            tokens=self._map(f"{name}.tokens", self.meta["dtype"]), **maps,
            seconds=self._map_of(f"{name}.seconds", "uint64"),
            targets=self._map_of(f"{name}.targets", "float64" if self.meta["kind"] == "score" else "int64"),
            tags=self._map_of(f"{name}.tags", "int16"),
        )  # fmt: skip

    def _map_of(self, name: str, dtype: str) -> NDArray[Any] | None:
        return self._map(name, dtype) if name in self.meta["files"] else None

    def _map(self, name: str, dtype: str) -> NDArray[Any]:
        # An empty file cannot be mapped.
        empty = not self.meta["files"][name]
        return np.empty(0, dtype=dtype) if empty else np.memmap(self.folder / name, dtype=dtype, mode="r")


def cache_folder() -> Path:
    """Where stores are kept: TANDEM_CACHE, else the user's cache folder."""
    base = os.environ.get("TANDEM_CACHE")
    return Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem"


def prepare(
    corpus: Corpus,
    name: str,
    *,
    options: dict[str, Any],
    tokenizer: Reader,
    target_tokenizer: Reader | None = None,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Store:
    """The store of a corpus, built where it is not there yet.

    `tokenizer` is one that is trained already, or the arguments with which `train_tokenizer` makes one of the train
    split; `target_tokenizer` is the same for second texts, where these are to be read by a tokenizer of their own.
    `progress` is told what is being done and how many characters that has read so far.

    Building happens beside the final place under a lock and ends with a rename, so there is never half a store and
    two processes build it once. Memory is bounded by the tokenizer's word counts, not by the corpus.

    Raises:
        DataError: the corpus has no text in its train or validation split.
        ResourceError: the disk is full.
    """
    reader = _described(tokenizer)
    first = "" if isinstance(tokenizer, Tokenizer) else f"training {_training(tokenizer)}, then "
    recipe = {
        "format": FORMAT, "corpus": name, "options": options, "fingerprint": corpus.fingerprint(),
        "tokenizer": reader, "tokenizers": tokenizers.__version__, "rules": RULES if corpus.normalise else [],
    }  # fmt: skip
    if target_tokenizer is not None:
        recipe["target_tokenizer"] = _described(target_tokenizer)
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:20]
    folder = cache_folder() / "stores" / f"{name}-{reader['kind']}-{key}"
    if (store := _opened(folder)) is not None:
        return store
    with owned(folder.parent / ".locks" / folder.name, wait=True):
        if (store := _opened(folder)) is not None:
            return store
        for note in corpus.notes():
            say(note)
        say(f"preparing {corpus.title}: {first}writing tokens to {folder}")
        unfinished = folder.with_name(f"{folder.name}.tmp")
        with disk_errors(folder):
            try:
                remove(unfinished)
                unfinished.mkdir(parents=True)
                build(
                    corpus, unfinished, recipe, tokenizer=tokenizer, target_tokenizer=target_tokenizer,
                    progress=progress,
                )  # fmt: skip
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
    if not whole:
        return None
    target = Tokenizer.load(folder / TARGET_TOKENIZER) if TARGET_TOKENIZER in meta["files"] else None
    return Store(folder, Tokenizer.load(folder / TOKENIZER), meta, target)


def _described(tokenizer: Reader) -> dict[str, Any]:
    """What of a tokenizer decides the ids that it gives."""
    if isinstance(tokenizer, Tokenizer):
        return {"kind": "given", "sha256": tokenizer.fingerprint}
    return tokenizer


def _training(tokenizer: dict[str, Any]) -> str:
    """What a user should know about the tokenizer that is trained with these arguments."""
    drops = tokenizer["kind"] in ("words", "wordpiece") and not tokenizer.get("cased")
    case = " (lower case, no accents; tokenizer.cased = true keeps them)" if drops else ""
    return f"the {tokenizer['kind']} tokenizer{case}"
