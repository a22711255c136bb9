"""Whether a hypothesis follows from a premise, by a finished model of pairs."""

from collections.abc import Iterable, Iterator, Sequence
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
    """A premise and a hypothesis, the probability of each class, and the cosine of the vectors of both."""

    premise: str
    hypothesis: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    cosine: float
    cut: bool = False

    @property
    def best(self) -> tuple[str, float]:
        """The likeliest class with its probability."""
        place = int(np.argmax(self.probabilities))
        return self.labels[place], self.probabilities[place]

    def record(self) -> Record:
        """The same for a file."""
        label, probability = self.best
        each = dict(zip(self.labels, self.probabilities, strict=True))
        return {
            "premise": self.premise, "hypothesis": self.hypothesis, "label": label, "probability": probability,
            "probabilities": each, "cosine": self.cosine,
        }  # fmt: skip


def no_inference(pair: TextPair, labels: Sequence[str]) -> Record:
    """The record of a pair that gets no class, since a text of it has no word."""
    return {
        "premise": pair.first, "hypothesis": pair.second, "label": None, "probability": None,
        "probabilities": dict.fromkeys(labels), "cosine": None,
    }  # fmt: skip


def infer(run: OpenRun, pairs: Iterable[TextPair]) -> Iterator[Inference]:
    """The classes of `pairs`, streamed.

    Raises:
        UsageError: the run tells no classes of pairs. DataError: the tokenizer reads nothing of a text.
    """
    labels = inferring(run).labels
    for pair, told, cosine, cut in pair_answers(run, pairs):
        yield Inference(pair.first, pair.second, labels, told, cosine, cut)


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
