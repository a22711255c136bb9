"""The classes of free texts, by a finished classifier."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.core.files import atomic_file
from tandem.data.rows import padded
from tandem.data.stream import grouped
from tandem.lab.folder import OpenRun
from tandem.lab.framing import check_unicode
from tandem.lab.scoring.tables import Cell, write_csv
from tandem.lab.texts import Placed
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.objectives.classify import Classify
from tandem.train.carried import hidden_states

AT_ONCE = 1024
"""So many texts are sorted by length together, so that rows of a batch are about equally long."""


@dataclass(frozen=True)
class Judged:
    """A text, its number from 1 and its place in its file, and the probability of each class.

    `probabilities` (K,) is None for a text without a token. `cut` says that the end of the text was not read.
    """

    number: int
    place: str
    text: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...] | None
    cut: bool

    @property
    def best(self) -> tuple[str, float] | None:
        """The likeliest class with its probability."""
        if self.probabilities is None:
            return None
        place = int(np.argmax(self.probabilities))
        return self.labels[place], self.probabilities[place]


def classify(run: OpenRun, texts: Iterable[Placed]) -> Iterator[Judged]:
    """The classes of `texts` in their order, streamed; each is cut after as many tokens as in the training.

    Raises:
        UsageError: the run was trained for something else. DataError: a text is not Unicode.
    """
    objective = run.objective
    if not isinstance(objective, Classify):
        name = type(objective).__name__.lower()
        raise UsageError(
            f"{run.folder.path}: a model trained for {name} tells no classes of single texts; train the task classify, "
            "as recipes/classify.toml does"
        )
    waiting, number = iter(texts), 0
    room = run.recipe.data.length - objective.frame.size
    while chunk := list(islice(waiting, AT_ONCE)):
        for one in chunk:
            check_unicode(one.text)
        read = objective.tokenizer.encode_many([one.text for one in chunk])
        known = _probabilities(run, [ids[:room] for ids in read])
        for one, ids, found in zip(chunk, read, known, strict=True):
            number += 1
            yield Judged(number, one.place, one.text, objective.labels, found, len(ids) > room)


def _probabilities(run: OpenRun, pieces: Sequence[list[int]]) -> list[tuple[float, ...] | None]:
    """Of each of `pieces`; None for an empty one."""
    found: list[tuple[float, ...] | None] = [None] * len(pieces)
    lengths = np.array([len(piece) for piece in pieces])
    heard = np.flatnonzero(lengths)
    for rows in grouped(heard, lengths[heard], run.recipe.train.batch_tokens):
        scored = class_probabilities(run.model, run.objective, [pieces[row] for row in rows])
        for row, probabilities in zip(rows.tolist(), scored.tolist(), strict=True):
            found[row] = tuple(probabilities)
    return found


@torch.no_grad()
def class_probabilities(model: Model, objective: Objective, pieces: Sequence[list[int]]) -> Tensor:
    """The probability of each class for texts given as ids, (B, K) in float32, without dropout."""
    batch = objective.collate(padded([objective.frame.around(piece) for piece in pieces]), key=0).to(model.device)
    model.eval()
    scores: Tensor = model.head(hidden_states(model, batch, None), batch.mask)
    return scores.float().softmax(dim=-1)


def write_table(path: Path, judged: Iterable[Judged], *, labels: Sequence[str]) -> None:
    """Writes a CSV file atomically: number, text, class, its probability, and that of every class.

    A text without a token keeps its row, with neither class nor probabilities.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    write_csv(path, ("row", "text", "label", "probability", *(f"P({label})" for label in labels)), map(_cells, judged))


def _cells(one: Judged) -> tuple[Cell, ...]:
    probabilities = one.probabilities or (None,) * len(one.labels)
    return one.number, one.text, *(one.best or (None, None)), *probabilities


def written_as_lines(path: Path, judged: Iterable[Judged]) -> Iterator[Judged]:
    """The same; what passes is written as JSON, a line for each text, into a file that is there at the end.

    Raises:
        UsageError: the path cannot be written. ResourceError: the disk is full.
    """
    with atomic_file(path) as file:
        for one in judged:
            label, probability = one.best or (None, None)
            each = one.probabilities and dict(zip(one.labels, one.probabilities, strict=True))
            content = {"row": one.number, "text": one.text, "label": label, "probability": probability}
            line = json.dumps({**content, "probabilities": each}, ensure_ascii=False)
            file.write(f"{line}\n".encode(errors="backslashreplace"))
            yield one
