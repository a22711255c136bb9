"""What each text of a test split adds to a score, so that a score stands for more than the texts it was taken on."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tandem.core.errors import ArtifactError
from tandem.lab.folder import RunFolder
from tandem.lab.predictions import Predictions, read_predictions
from tandem.lab.text_losses import read_text_losses
from tandem.metrics.classes import macro_f1
from tandem.metrics.correlation import pearson, spearman
from tandem.metrics.spans import span_scores, total

GROUPS = 200
CLOSE = 1e-4
Values = NDArray[np.float64]
T = TypeVar("T")


def by_text(folder: RunFolder, name: str, whole: float) -> Values | None:
    """Values (N,) whose mean is the score `whole` of a run, and whose spread is that of the score over texts.

    A loss and an accuracy are ratios: of N texts with c predictions each and the sums s, text n adds
    (s_n - R c_n) N / sum(c) to the ratio R (its linearisation; Cochran 1977, Sampling techniques, section 6.3). Other
    scores, which are no means, have the pseudo-values of a jackknife that leaves out groups of texts (Wolter 2007,
    Introduction to variance estimation, chapter 4). None where a run has not kept what this needs.

    Raises:
        ArtifactError: what it has kept is damaged, or of another model.
    """
    if name in ("loss", "accuracy") and folder.text_losses.exists():
        texts = _held_out(read_text_losses(folder.text_losses))
        sums = texts.loss if name == "loss" else texts.right.astype(np.float64)
        count = int(texts.count.sum())
        _check(folder, name, float(sums.sum()) / count, whole)
        return whole + (sums - whole * texts.count) * len(sums) / count
    if name in MEASURES and folder.predictions.exists():
        answers = _held_out(read_predictions(folder.predictions))
        _check(folder, name, MEASURES[name](answers), whole)
        left = _left_out(answers, MEASURES[name])
        return whole + (len(left) - 1) * (left.mean() - left) if len(left) > 1 else None
    return None


def _held_out(splits: Mapping[str, T]) -> T:
    return splits["test" if "test" in splits else "validation"]


def _check(folder: RunFolder, name: str, found: float, whole: float) -> None:
    if abs(found - whole) > CLOSE * max(1.0, abs(whole)):
        raise ArtifactError(
            f"{folder.path}: its single answers give {name} {found:.4f}, {folder.scores.name} says {whole:.4f}: one of "
            "these files is of another model"
        )


def _left_out(answers: Predictions, measure: Callable[[Predictions], float]) -> Values:
    """The score (G,) without each of G groups of texts."""
    texts, places = np.unique(answers.rows if answers.texts is None else answers.texts, return_inverse=True)
    groups = min(GROUPS, len(texts))
    gold, predicted = np.array(answers.gold), np.array(answers.predicted)
    kept = (np.flatnonzero(places % groups != group) for group in range(groups))
    left = (Predictions(answers.rows[keep], gold[keep].tolist(), predicted[keep].tolist()) for keep in kept)
    return np.array([measure(one) for one in left])


def _macro_f1(answers: Predictions) -> float:
    # Numbers are compared faster than names.
    _, numbers = np.unique([answers.gold, answers.predicted], return_inverse=True)
    return macro_f1(*numbers.reshape(2, -1))


def _entity_f1(answers: Predictions) -> float:
    gold, predicted = (list(map(str, tags)) for tags in (answers.gold, answers.predicted))
    return total(span_scores(gold, predicted, answers.rows.tolist()).values()).f1


def _spearman(answers: Predictions) -> float:
    return spearman(*_numbers(answers))


def _pearson(answers: Predictions) -> float:
    return pearson(*_numbers(answers))


def _numbers(answers: Predictions) -> tuple[Values, Values]:
    return np.array(answers.gold, dtype=np.float64), np.array(answers.predicted, dtype=np.float64)


MEASURES = {"macro F1": _macro_f1, "entity F1": _entity_f1, "Spearman": _spearman, "Pearson": _pearson}
