"""How well each class is told: scikit-learn's report, and which class is taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.lab.folder import RunFolder
from tandem.lab.predictions import Predictions, read_predictions

MOST_LINES = 20
"""With more classes than this a terminal shows the averages only."""


@dataclass(frozen=True)
class ClassReport:
    """Precision, recall and F1 of the classes that occur among the answers, with their averages.

    `numbers` and `text` are scikit-learn's. `absent` are the classes that no answer of the split should be, `counts`
    (K, K) has a row for each true class and a column for each one said, in the order of `labels`.
    """

    split: str
    labels: tuple[str, ...]
    numbers: dict[str, Any]
    text: str
    absent: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def brief(self) -> str:
        """The text, or its heading and averages where there are many classes."""
        lines = self.text.splitlines()
        return self.text if len(self.labels) <= MOST_LINES else "\n".join([*lines[:1], *lines[-3:]])

    @property
    def note(self) -> str:
        """A line on the classes that do not occur; empty where all do."""
        names = ", ".join(self.absent[:MOST_LINES])
        return f"no text of the {self.split} split is: {names}" if self.absent else ""

    def to_json(self) -> dict[str, Any]:
        """scikit-learn's numbers, and the counts of which class was taken for which."""
        return {"classes": self.numbers, "confusion": {"labels": list(self.labels), "counts": self.counts.tolist()}}


def class_report(predictions: Predictions, *, labels: Sequence[str], split: str) -> ClassReport:
    """The report on the answers of a split; `labels` are all classes in their order.

    Raises:
        UsageError: the extra `eval` is not installed.
    """
    try:
        from sklearn.metrics import classification_report
    except ModuleNotFoundError:
        raise UsageError(
            "a classification report needs the extra eval: pip install -e '.[eval]' in the clone"
        ) from None
    gold, predicted = predictions.gold, predictions.predicted
    wanted, said = {*gold}, {*predicted}
    occurring = [label for label in labels if label in wanted or label in said]
    numbers, text = (
        classification_report(gold, predicted, labels=occurring, digits=3, zero_division=0.0, output_dict=as_numbers)
        for as_numbers in (True, False)
    )
    absent = tuple(label for label in labels if label not in wanted)
    return ClassReport(split, tuple(labels), numbers, text.rstrip(), absent, confusion(predictions, labels=labels))


def confusion(predictions: Predictions, *, labels: Sequence[str]) -> NDArray[np.int64]:
    """How often each of the K classes (a row) was taken for each (a column), (K, K)."""
    number = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    gold, predicted = ([number[str(name)] for name in names] for names in (predictions.gold, predictions.predicted))
    np.add.at(counts, (gold, predicted), 1)
    return counts


def reports_of(folder: RunFolder) -> list[ClassReport]:
    """The reports on a finished run by split, the one that judges it last; none where it tells no classes.

    Raises:
        UsageError: the extra `eval` is not installed. ArtifactError: the run is not finished, or damaged.
    """
    labels = folder.read_json(folder.scores, "labels")["labels"]
    if not labels or not folder.predictions.exists():
        return []
    found = read_predictions(folder.predictions)
    return [class_report(predictions, labels=labels, split=split) for split, predictions in found.items()]
