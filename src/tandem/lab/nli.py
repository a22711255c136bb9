"""Whether a hypothesis follows from a premise, by a finished model of pairs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tandem.core.errors import UsageError
from tandem.lab.folder import OpenRun
from tandem.lab.pair_answers import pair_answers
from tandem.lab.pair_files import Record
from tandem.lab.text_pairs import TextPair
from tandem.objectives.pair_base import PairObjective


@dataclass(frozen=True)
class Inference:
    """A premise and a hypothesis, where they stand, the probability of each class, and the cosine of their vectors.

    `probabilities` (K,) and `cosine` are None where one of the texts has no word.
    """

    place: str
    premise: str
    hypothesis: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...] | None
    cosine: float | None
    cut: bool = False

    @property
    def best(self) -> tuple[str, float] | None:
        """The likeliest class with its probability."""
        if self.probabilities is None:
            return None
        place = int(np.argmax(self.probabilities))
        return self.labels[place], self.probabilities[place]

    def record(self) -> Record:
        """The same for a file."""
        label, probability = self.best or (None, None)
        each = dict(zip(self.labels, self.probabilities or [None] * len(self.labels), strict=True))
        return {
            "premise": self.premise, "hypothesis": self.hypothesis, "label": label, "probability": probability,
            "probabilities": each, "cosine": self.cosine,
        }  # fmt: skip


def infer(run: OpenRun, pairs: Iterable[TextPair], *, gaps: bool = False) -> Iterator[Inference]:
    """The classes of `pairs`, streamed.

    Raises:
        UsageError: the run tells no classes of pairs. DataError: a text has no word, and no `gaps` may be.
    """
    labels = inferring(run).labels
    for pair, told, cosine, cut in pair_answers(run, pairs, gaps=gaps):
        yield Inference(pair.place, pair.first, pair.second, labels, told, cosine, cut)


def inferring(run: OpenRun) -> PairObjective:
    """The objective of `run`, if it tells classes of pairs.

    Raises:
        UsageError: it tells something else.
    """
    objective = run.objective
    if not isinstance(objective, PairObjective):
        raise UsageError(
            f"{run.folder.path}: a model trained for {type(objective).__name__.lower()} tells no classes of pairs; "
            "train the task siamese or cross, as recipes/inference.toml does"
        )
    if not objective.labels:
        raise UsageError(f"{run.folder.path}: this model tells scores and no classes; ask tandem similarity")
    return objective
