"""Embedded texts as files: each is written whole or not at all."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tandem.core.files import write_atomic
from tandem.lab.embed import Embedded


def write_json(path: Path, texts: Sequence[Embedded], *, run: str, layer: str) -> None:
    """Writes run, layer, and for each text its vector, and its tokens with their characters and vectors."""
    content = {
        "run": run,
        "layer": layer,
        "texts": [
            {
                "text": text.text,
                "vector": text.pooled.tolist(),
                "tokens": [
                    {"token": token, "start": start, "end": end, "vector": vector.tolist()}
                    for token, (start, end), vector in _tokens(text)
                ],
            }
            for text in texts
        ],
    }
    write_atomic(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path, texts: Sequence[Embedded]) -> None:
    """Writes a line for each token: the number of its text from 1, the token, its characters, and its vector."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["text", "token", "start", "end", *(f"v{unit}" for unit in range(texts[0].vectors.shape[1]))])
    for number, text in enumerate(texts, start=1):
        for token, span, vector in _tokens(text):
            writer.writerow([number, token, *span, *vector.tolist()])
    write_atomic(path, table.getvalue())


def write_npy(path: Path, texts: Sequence[Embedded]) -> None:
    """Writes the vectors of all tokens of all texts, (tokens, D) in float32, in the order of the other files."""
    _save(path, np.concatenate([text.vectors for text in texts]))


def write_pooled_npy(path: Path, texts: Sequence[Embedded]) -> None:
    """Writes one vector for each text, (texts, D) in float32."""
    _save(path, np.stack([text.pooled for text in texts]))


def _save(path: Path, vectors: NDArray[np.float32]) -> None:
    array = io.BytesIO()
    np.save(array, vectors)
    write_atomic(path, array.getvalue())


def _tokens(text: Embedded) -> Iterator[tuple[str, tuple[int, int], np.ndarray]]:
    return zip(text.tokens, text.spans, text.vectors, strict=True)
