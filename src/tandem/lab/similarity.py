"""How alike two texts are: the cosine of their vectors, and the score of a model that has learnt to tell one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.data.rows import padded
from tandem.lab.embed import embed, num_layers
from tandem.lab.folder import OpenRun
from tandem.lab.pair_files import Record
from tandem.lab.text_pairs import PairObjective, TextPair, told_of_pairs
from tandem.nn.pair_heads import CosineHead, SiameseHead


@dataclass(frozen=True)
class Likeness:
    """Two texts, the cosine of their vectors, and the score on the scale of the corpus, where the model tells one."""

    first: str
    second: str
    cosine: float
    score: float | None
    cut: bool = False

    def record(self) -> Record:
        """The same for a file."""
        score: Record = {} if self.score is None else {"score": self.score}
        return {"first": self.first, "second": self.second, "cosine": self.cosine, **score}


def compare(run: OpenRun, pairs: Iterable[TextPair]) -> Iterator[Likeness]:
    """How alike the texts of `pairs` are, streamed, by any run.

    Raises:
        DataError: the tokenizer reads nothing of a text.
    """
    objective = run.objective
    for pair in pairs:
        cut, score = False, None
        if isinstance(objective, PairObjective) and objective.scale(run.model.head) is not None:
            told, (cut,) = told_of_pairs(run.model, objective, [pair])
            score = float(told[0])
        yield Likeness(pair.first, pair.second, cosine(run, pair), score, cut)


def cosine(run: OpenRun, pair: TextPair) -> float:
    """Of the vectors of two texts, from -1 to 1."""
    one, other = (sentence_vector(run, text) for text in pair[1:])
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norm if norm else 0.0


@torch.no_grad()
def sentence_vector(run: OpenRun, text: str) -> NDArray[np.float32]:
    """One vector for a text, (D,): as the head pools it where pairs are read apart, else the mean of the last layer."""
    head = run.model.head
    if not isinstance(head, SiameseHead | CosineHead):
        return embed(run, text, layer=num_layers(run) - 1).pooled
    frame = run.objective.frame
    ids = run.objective.tokenizer.encode(text)[: run.model.encoder.defaults.max_length - frame.size]
    rows = padded([frame.around(ids)])
    mask = torch.from_numpy(rows.mask).to(run.model.device)
    hidden = run.model.eval().encoder(torch.from_numpy(rows.ids).to(run.model.device), mask)
    vector: NDArray[np.float32] = head.pooling(hidden, mask)[0].cpu().numpy()
    return vector
