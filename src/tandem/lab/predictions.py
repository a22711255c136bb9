"""Every single answer of a model on a split: for statistics over items, and for reports on classes."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.lab.scoring.tables import Cell, write_csv
from tandem.objectives.base import Outcome

COLUMNS = ("split", "row", "gold", "predicted", "probability", "text")


@dataclass(frozen=True)
class Predictions:
    """The answers of a split in the order of its examples.

    `rows` (N,) holds the number of the example in its split, from 0, as `tandem data check` counts. `gold` and
    `predicted` (N,) are the names of classes or tags, or values; `probability` (N,) is what the model gave to what it
    said, None where that is not known. `texts` (N,) numbers what belongs together, as pairs with the same first text
    do; where it is None, each example stands alone.
    """

    rows: NDArray[np.int64]
    gold: Sequence[str | float]
    predicted: Sequence[str | float]
    probability: NDArray[np.floating] | None = None
    texts: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Answers:
    """The answers of one batch, or of several joined: the arrays of `Predictions`, with classes by their numbers."""

    rows: NDArray[np.int64]
    gold: NDArray[np.generic]
    predicted: NDArray[np.generic]
    probability: NDArray[np.floating] | None
    texts: NDArray[np.int64]

    @classmethod
    def of(cls, outcome: Outcome, examples: NDArray[np.int64], texts: NDArray[np.int64]) -> "Answers | None":
        """What `outcome` tells about `examples` (B,) of `texts` (B,); None where it tells no single answer."""
        if outcome.gold is None or outcome.predicted is None:
            return None
        rows = np.arange(len(examples)) if outcome.rows is None else outcome.rows.cpu().numpy()
        probability = None if outcome.probability is None else outcome.probability.float().cpu().numpy()
        gold, predicted = outcome.gold.cpu().numpy(), outcome.predicted.cpu().numpy()
        return cls(examples[rows], gold, predicted, probability, texts[rows])

    @classmethod
    def joined(cls, batches: Sequence["Answers"]) -> "Answers":
        """All answers in the order of the examples; those about one example stay in theirs."""
        rows = np.concatenate([batch.rows for batch in batches])
        order = np.argsort(rows, kind="stable")
        known = [batch.probability for batch in batches if batch.probability is not None]
        return cls(
            rows[order],
            np.concatenate([batch.gold for batch in batches])[order],
            np.concatenate([batch.predicted for batch in batches])[order],
            np.concatenate(known)[order] if known else None,
            np.concatenate([batch.texts for batch in batches])[order],
        )

    def named(self, labels: Sequence[str]) -> Predictions:
        """The same with the names of the classes, where the answers are numbers of `labels`."""
        gold, predicted = self.gold.tolist(), self.predicted.tolist()
        if labels and np.issubdtype(self.gold.dtype, np.integer):
            gold, predicted = ([labels[number] for number in numbers] for numbers in (gold, predicted))
        return Predictions(self.rows, gold, predicted, self.probability, self.texts)


def write_predictions(path: Path, splits: Mapping[str, Predictions]) -> None:
    """Writes a line for each answer of all splits, atomically.

    Raises:
        ResourceError: the disk is full.
    """
    write_csv(path, COLUMNS, _lines(splits))


def _lines(splits: Mapping[str, Predictions]) -> Iterator[tuple[Cell, ...]]:
    for split, found in splits.items():
        # As NumPy writes a float32, 0.9 is 0.9 and not 0.8999999761581421.
        known = [""] * len(found.rows) if found.probability is None else map(str, found.probability)
        texts = found.rows if found.texts is None else found.texts
        for row, gold, predicted, probability, text in zip(
            found.rows, found.gold, found.predicted, known, texts, strict=True
        ):
            yield split, int(row), gold, predicted, probability, int(text)


def read_predictions(path: Path) -> dict[str, Predictions]:
    """The answers of each split that `write_predictions` wrote, as names of classes.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    lines: dict[str, list[tuple[str, ...]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if tuple(next(reader, ())) != COLUMNS:
                raise ValueError(f"the first line is not {','.join(COLUMNS)}")
            for split, *line in reader:
                lines.setdefault(split, []).append(tuple(line))
        return {split: _predictions(found) for split, found in lines.items()}
    except (OSError, ValueError, csv.Error) as error:
        raise ArtifactError(f"{path}: cannot be read as predictions ({error})") from None


def _predictions(lines: list[tuple[str, ...]]) -> Predictions:
    rows, gold, predicted, probability, texts = zip(*lines, strict=True)
    known = np.array(probability, dtype=np.float32) if all(probability) else None
    return Predictions(np.array(rows, dtype=np.int64), gold, predicted, known, np.array(texts, dtype=np.int64))
