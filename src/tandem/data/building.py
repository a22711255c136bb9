"""From a corpus to the files of a store, streamed: memory does not grow with the corpus."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from tandem.core.errors import DataError
from tandem.core.files import write_json
from tandem.data.word_starts import word_starts
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.sentences import sentence_spans
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import Tokenizer, train_tokenizer

BATCH_OF_EXAMPLES = 256
BATCH_OF_CHARACTERS = 2**20
TOKENIZER, TARGET_TOKENIZER = "tokenizer.json", "target-tokenizer.json"
COUNTS, SECOND_COUNTS = "counts.i64", "second-counts.i64"
BOUNDARIES = ("examples", "sentences", "documents")
COUNTED = (
    "tokens", "unknown", *BOUNDARIES, "characters", "bytes", "without_text", "without_target", "dropped_words", "empty",
)  # fmt: skip
"""What is counted in every split. Rows without text are no examples; examples that are `empty` have no token."""
SAY_EVERY = 2**20
"""How many characters are read between two words of progress."""

Tell = Callable[[str, int], None]


Reader = dict[str, Any] | Tokenizer
"""A tokenizer, or the arguments with which `train_tokenizer` makes one."""


def build(
    corpus: Corpus, folder: Path, recipe: dict[str, Any], *, tokenizer: Reader, target_tokenizer: Reader | None = None,
    progress: Tell,
) -> None:  # fmt: skip
    """Writes all files of a store into the empty `folder`; `recipe` is what the store is keyed by.

    With a `target_tokenizer` second texts are read by it, and `tokenizer` learns from first texts alone.

    Raises:
        DataError: no text to train on or to validate with, or a target that is no class of the train split.
    """
    if target_tokenizer is None:
        reader = target_reader = _reader(corpus, tokenizer, ("text", "second"), recipe, progress)
    else:
        reader = _reader(corpus, tokenizer, ("text",), recipe, progress)
        target_reader = _reader(corpus, target_tokenizer, ("second",), recipe, progress)
        (folder / TARGET_TOKENIZER).write_text(target_reader.to_json(), encoding="utf-8")
    (folder / TOKENIZER).write_text(reader.to_json(), encoding="utf-8")
    largest = max(reader.size, target_reader.size)
    dtype = np.dtype(np.uint16 if largest <= 2**16 else np.uint32)
    labels = corpus.labels()
    splits = {}
    for split in SPLITS:
        splits[split] = _Writer(folder, split, corpus, reader, target_reader, dtype, labels).write(progress)
    if not splits["validation"]["tokens"]:
        raise DataError(
            f"corpus {recipe['corpus']}: too little text: none of it validates; give more, or a file of its own for "
            "validation"
        )
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    facts = {"kind": corpus.kind, "labels": list(labels), "dtype": dtype.name, "vocabulary": reader.size}
    write_json(folder / "meta.json", {**recipe, **facts, "splits": splits, "files": files})


def _reader(
    corpus: Corpus, tokenizer: Reader, sides: tuple[str, ...], recipe: dict[str, Any], progress: Tell
) -> Tokenizer:
    """`tokenizer`, trained now where it is not trained already, on the `sides` of every example of the train split."""
    texts = _texts(corpus, sides, progress)
    first = list(islice(texts, 1))
    if not first:
        raise DataError(f"corpus {recipe['corpus']}: no text to train on")
    if not isinstance(tokenizer, Tokenizer):
        tokenizer = train_tokenizer(chain(first, texts), **tokenizer)
    texts.close()
    return tokenizer.in_plain_words() if corpus.normalise else tokenizer


def _texts(corpus: Corpus, sides: tuple[str, ...], progress: Tell) -> Generator[str]:
    """Every text of the train split that stands at one of `sides` of an example."""
    done = said = 0
    for example in corpus.examples("train"):
        for side in sides:
            text = getattr(example, side)
            if text is not None:
                yield text
                done += len(text)
        if done - said > SAY_EVERY:
            said = done
            progress("training the tokenizer", done)


@dataclass(frozen=True)
class _Encoded:
    """One example as ids: of its text and of its second text; the token numbers where sentences begin; its tags."""

    example: Example
    ids: NDArray[np.int64]
    second: NDArray[np.int64] | None
    sentences: NDArray[np.int64]
    tags: NDArray[np.int16] | None

    @property
    def empty(self) -> bool:
        return not self.ids.size or (self.second is not None and not self.second.size)


class _Writer:
    """Writes the files of one split."""

    def __init__(
        self, folder: Path, split: str, corpus: Corpus, reader: Tokenizer, target_reader: Tokenizer,
        dtype: np.dtype[Any], labels: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.folder, self.split, self.corpus, self.dtype = folder, split, corpus, dtype
        self.reader, self.target_reader = reader, target_reader
        self.labels = {label: number for number, label in enumerate(labels)}
        self.files: dict[str, IO[bytes]] = {}
        self.first_counts = np.zeros(reader.size, dtype=np.int64)
        self.second_counts = np.zeros(target_reader.size, dtype=np.int64)
        self.numbers = dict.fromkeys(COUNTED, 0)

    def write(self, progress: Tell) -> dict[str, int]:
        """Streams the split to disk; returns how many of everything it has."""
        with ExitStack() as self.stack:
            for kind in ("tokens", *BOUNDARIES):
                self._file(kind)
            self._write_all(progress)
            for kind in BOUNDARIES:
                self._append(kind, self.numbers["tokens"], np.uint64)
        self.numbers["without_text"] = sum(1 for _ in self.corpus.without_text(self.split))
        if self.split == "train":
            is_shared = self.target_reader is self.reader
            counts = self.first_counts + self.second_counts if is_shared else self.first_counts
            (self.folder / COUNTS).write_bytes(counts.tobytes())
            (self.folder / SECOND_COUNTS).write_bytes(self.second_counts.tobytes())
        for tokenizer, counted in ((self.reader, self.first_counts), (self.target_reader, self.second_counts)):
            if tokenizer.unknown_id is not None:
                self.numbers["unknown"] += int(counted[tokenizer.unknown_id])
        return self.numbers

    def _write_all(self, progress: Tell) -> None:
        document, said = None, 0
        for batch in batches(self.corpus.examples(self.split)):
            for encoded in _encoded(batch, self.reader, self.target_reader, self.labels):
                if encoded.empty:
                    self.numbers["empty"] += 1
                    continue
                if encoded.example.document != document:
                    document = encoded.example.document
                    self._append("documents", self.numbers["tokens"], np.uint64)
                    self.numbers["documents"] += 1
                self._write_one(encoded)
            if self.numbers["characters"] - said > SAY_EVERY:
                said = self.numbers["characters"]
                progress(f"writing the {self.split} split", said)

    def _write_one(self, encoded: _Encoded) -> None:
        example, total = encoded.example, self.numbers["tokens"]
        self._append("examples", total, np.uint64)
        self._append("sentences", encoded.sentences + total, np.uint64)
        ids = encoded.ids
        self.first_counts += np.bincount(ids, minlength=self.first_counts.size)
        if encoded.second is not None:
            self.second_counts += np.bincount(encoded.second, minlength=self.second_counts.size)
            self._append("seconds", total + ids.size, np.uint64)
            ids = np.concatenate([ids, encoded.second])
        if encoded.tags is not None:
            self._append("tags", encoded.tags, np.int16)
            self.numbers["dropped_words"] += example.text.count(" ") + 1 - int((encoded.tags >= 0).sum())
        elif self.corpus.kind in ("label", "pair", "score"):
            self._append("targets", *self._target(example))
        self._append("tokens", ids, self.dtype)
        self.numbers["tokens"] += ids.size
        self.numbers["examples"] += 1
        self.numbers["sentences"] += encoded.sentences.size
        for text in (example.text, example.second or ""):
            self.numbers["characters"] += len(text)
            self.numbers["bytes"] += len(text.encode())

    def _target(self, example: Example) -> tuple[int | float, type[np.generic]]:
        self.numbers["without_target"] += example.target is None
        if self.corpus.kind == "score":
            return (float("nan") if example.target is None else float(example.target)), np.float64  # type: ignore[arg-type]
        return (-1 if example.target is None else _number(str(example.target), self.labels, example)), np.int64

    def _file(self, kind: str) -> IO[bytes]:
        if kind not in self.files:
            self.files[kind] = self.stack.enter_context((self.folder / f"{self.split}.{kind}").open("wb"))
        return self.files[kind]

    def _append(self, kind: str, values: Any, dtype: Any) -> None:
        self._file(kind).write(np.asarray(values, dtype=dtype).tobytes())


def _number(label: str, labels: dict[str, int], example: Example) -> int:
    if label not in labels:
        raise DataError(
            f'{example.document}: the label "{label}" does not occur in the train split (there: {", ".join(labels)})'
        )
    return labels[label]


def batches(examples: Iterator[Example]) -> Iterator[list[Example]]:
    """Examples in batches of bounded number and size."""
    batch: list[Example] = []
    size = 0
    for example in examples:
        batch.append(example)
        size += len(example.text) + len(example.second or "")
        if len(batch) == BATCH_OF_EXAMPLES or size > BATCH_OF_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _encoded(
    batch: list[Example], reader: Tokenizer, target_reader: Tokenizer, labels: dict[str, int]
) -> Iterator[_Encoded]:
    encodings = reader.inner.encode_batch([example.text for example in batch], add_special_tokens=False)
    seconds = iter(target_reader.encode_many([example.second for example in batch if example.second is not None]))
    for example, encoding in zip(batch, encodings, strict=True):
        ids = np.array(encoding.ids, dtype=np.int64)
        sentences = np.array(_first_tokens(encoding, sentence_spans(example.text)), dtype=np.int64)
        second = None
        if example.second is not None:
            second = np.array(next(seconds), dtype=np.int64)
            sentences = np.append(sentences, ids.size)
        tags = _tags(example, encoding, labels) if isinstance(example.target, tuple) else None
        yield _Encoded(example, ids, second, sentences, tags)


def _first_tokens(encoding: tokenizers.Encoding, spans: list[tuple[int, int]]) -> list[int]:
    """The first token of each sentence that has one, by the sentences' spans.

    Asking for the token at a character takes a sixth of the time of reading the spans of all tokens. A character may
    have none: a word tokenizer drops punctuation.
    """
    found: list[int] = []
    for start, end in spans:
        token = next((t for at in range(start, end) if (t := encoding.char_to_token(at)) is not None), None)
        if token is not None and (not found or token > found[-1]):
            found.append(token)
    return found


def _tags(example: Example, encoding: tokenizers.Encoding, labels: dict[str, int]) -> NDArray[np.int16]:
    """The number of each word's tag at its first token, -1 elsewhere, (n,).

    A word that the tokenizer drops has no token to be tagged at.
    """
    assert isinstance(example.target, tuple)
    tags = np.full(len(encoding.ids), -1, dtype=np.int16)
    starts = word_starts(example.text.split(" "), encoding.offsets)
    for start, tag in zip(starts.tolist(), example.target, strict=True):
        if start >= 0:
            tags[start] = _number(tag, labels, example)
    return tags
