"""Held-out scores: the same masks at every call, for every architecture and every seed."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.core.config import Recipe
from tandem.core.errors import DataError, DivergedError
from tandem.core.seeds import derive
from tandem.data.store import Store
from tandem.lab.folder import OpenRun, RunFolder
from tandem.lab.predictions import Answers, Predictions, write_predictions
from tandem.lab.reading import read_once, source_of
from tandem.lab.text_losses import TextLosses, write_text_losses
from tandem.nn.model import Model
from tandem.objectives.base import Objective, accuracy_name
from tandem.train.carried import Carried, hidden_states


@dataclass(frozen=True)
class Scores:
    """`loss` in the objective's unit and `accuracy`, over `count` predictions; the same for the baseline.

    `guess` names the baseline; `more` holds the further scores of the objective by name.
    """

    loss: float
    accuracy: float
    baseline_loss: float
    baseline_accuracy: float
    count: int
    guess: str = "unigram"
    more: dict[str, float] = field(default_factory=dict)

    @property
    def accuracy_name(self) -> str:
        """What the accuracy is called."""
        return accuracy_name(self.guess)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


def evaluate(
    model: Model, objective: Objective, store: Store, recipe: Recipe, *, split: str, at_most: int | None = None
) -> Scores:
    """The scores of `model` on a split, in float32 and without dropout.

    `at_most` limits the number of tokens to a fixed random choice of sequences, unless nothing in these is told.

    Raises:
        DataError: the split is empty, or nothing in it is told. DivergedError: the loss is not finite.
    """
    return answered(model, objective, store, recipe, split=split, at_most=at_most).scores


@dataclass(frozen=True)
class Answered:
    """The scores of a split; every single answer where the objective tells them; what each text adds to the loss."""

    scores: Scores
    predictions: Predictions | None
    texts: TextLosses | None


@torch.no_grad()
def answered(
    model: Model, objective: Objective, store: Store, recipe: Recipe, *, split: str, at_most: int | None = None
) -> Answered:
    """The same scores and what they are made of.

    Raises:
        What `evaluate` raises.
    """
    source = source_of(objective, store, split, recipe)
    carried = Carried() if objective.carry else None
    key = derive(0, "evaluate", split)
    sums = np.zeros(4)
    count = 0
    terms: dict[str, NDArray[np.float64]] = {}
    answers: list[Answers] = []
    texts: list[TextLosses] = []
    model.eval()
    for sequences in read_once(source, recipe, at_most=at_most):
        batch = objective.collate(source.rows(sequences, key=key), key=key)
        guess = objective.baseline(store, batch)
        batch = batch.to(model.device)
        outcome = objective.loss(model.head, hidden_states(model, batch, carried), batch)
        sums += [float(outcome.loss_sum), float(outcome.correct), float(guess.loss_sum), float(guess.correct)]
        count += outcome.count
        for name, term in outcome.also.items():
            seen = terms.setdefault(name, np.zeros(3))
            seen += [float(term.loss_sum), float(term.correct), term.count]
        clusters = source.clusters(sequences)
        if (found := Answers.of(outcome, source.examples(sequences), clusters)) is not None:
            answers.append(found)
        if (losses := TextLosses.of(outcome, clusters)) is not None:
            texts.append(losses)
    if not count and at_most is not None:
        return answered(model, objective, store, recipe, split=split)
    if not count:
        raise DataError(
            f"nothing of the {split} split is told: it is too small, or the tokenizer knows none of its words; give "
            "more text"
        )
    loss, accuracy, baseline_loss, baseline_accuracy = (sums / count).tolist()
    if not math.isfinite(loss):
        raise DivergedError(f"the loss on the {split} split is {loss}; lower optimiser.learning_rate")
    more = objective.measures(loss, store, split, pack=recipe.data.pack) | {
        f"{name} {score}": float(value / max(1, seen[2]))
        for name, seen in terms.items()
        for score, value in zip(("loss", "accuracy"), seen, strict=False)
    }
    predictions = None
    if answers:
        together = Answers.joined(answers)
        more |= objective.scores(together.gold, together.predicted, together.rows)
        predictions = together.named(objective.labels)
    scores = Scores(loss, accuracy, baseline_loss, baseline_accuracy, count, objective.guess, more)
    return Answered(scores, predictions, TextLosses.joined(texts) if texts else None)


def score_whole(
    model: Model, objective: Objective, store: Store, recipe: Recipe, *, folder: RunFolder
) -> dict[str, dict[str, Any]]:
    """The scores of the whole validation and test split, by split; what they are made of goes into files of `folder`.

    Raises:
        What `evaluate` raises, and ResourceError: the disk is full.
    """
    splits = [split for split in ("validation", "test") if store.meta["splits"][split]["tokens"]]
    found = {split: answered(model, objective, store, recipe, split=split) for split in splits}
    if answers := {split: one.predictions for split, one in found.items() if one.predictions is not None}:
        write_predictions(folder.predictions, answers)
    if texts := {split: one.texts for split, one in found.items() if one.texts is not None}:
        write_text_losses(folder.text_losses, texts)
    return {split: one.scores.to_json() for split, one in found.items()}


def evaluate_run(run: OpenRun, *, split: str, say: Callable[[str], None] = lambda _: None) -> Scores:
    """The scores of a finished run on a whole split.

    Raises:
        What `OpenRun.store` and `evaluate` raise.
    """
    return evaluate(run.model, run.objective, run.store(say=say), run.recipe, split=split)
