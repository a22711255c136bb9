"""What each text of a split adds to the loss and the accuracy of a model: for statistics over texts."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.lab.scoring.tables import write_csv
from tandem.objectives.base import Outcome

COLUMNS = ("split", "text", "loss", "right", "count")


@dataclass(frozen=True)
class TextLosses:
    """Of each text (N,), by its number `texts` in rising order: the summed `loss`, how many predictions were `right`,
    and their `count`. A text is what `Source.clusters` numbers: a document, or one example.
    """

    texts: NDArray[np.int64]
    loss: NDArray[np.float64]
    right: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def of(cls, outcome: Outcome, clusters: NDArray[np.int64]) -> "TextLosses | None":
        """What `outcome` tells of a batch whose rows are of the texts `clusters` (B,); None where it has only sums."""
        if outcome.losses is None or outcome.right is None:
            return None
        texts = clusters if outcome.rows is None else clusters[outcome.rows.cpu().numpy()]
        losses, right = outcome.losses.double().cpu().numpy(), outcome.right.cpu().numpy().astype(np.int64)
        return cls(texts, losses, right, np.ones_like(right)).summed()

    @classmethod
    def joined(cls, batches: Sequence["TextLosses"]) -> "TextLosses":
        """All of them, each text once."""
        return cls(*(np.concatenate([vars(batch)[name] for batch in batches]) for name in vars(batches[0]))).summed()

    def summed(self) -> "TextLosses":
        """The same with the lines of one text added up."""
        texts, places = np.unique(self.texts, return_inverse=True)
        loss = np.bincount(places, weights=self.loss).astype(np.float64)
        right, count = (np.bincount(places, weights=each).astype(np.int64) for each in (self.right, self.count))
        return TextLosses(texts, loss, right, count)


def write_text_losses(path: Path, splits: Mapping[str, TextLosses]) -> None:
    """Writes a line for each text of all splits, atomically.

    Raises:
        ResourceError: the disk is full.
    """
    columns = {split: (found.texts, found.loss, found.right, found.count) for split, found in splits.items()}
    lines = (
        (split, *line)
        for split, found in columns.items()
        for line in zip(*(column.tolist() for column in found), strict=True)
    )
    write_csv(path, COLUMNS, lines)


def read_text_losses(path: Path) -> dict[str, TextLosses]:
    """What `write_text_losses` wrote, by split.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    lines: dict[str, list[list[str]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if tuple(next(reader, ())) != COLUMNS:
                raise ValueError(f"the first line is not {','.join(COLUMNS)}")
            for split, *line in reader:
                lines.setdefault(split, []).append(line)
        return {split: _from_lines(found) for split, found in lines.items()}
    except (OSError, ValueError, csv.Error) as error:
        raise ArtifactError(f"{path}: cannot be read as losses of texts ({error})") from None


def _from_lines(lines: list[list[str]]) -> TextLosses:
    texts, loss, right, count = zip(*lines, strict=True)
    return TextLosses(
        np.array(texts, dtype=np.int64), np.array(loss, dtype=np.float64),
        np.array(right, dtype=np.int64), np.array(count, dtype=np.int64),
    )  # fmt: skip
