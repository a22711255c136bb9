"""What a finished model says about pairs of texts, and how alike it finds them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tandem.core.errors import DataError
from tandem.data.pair_rows import Integers, TwoRows
from tandem.data.stream import grouped
from tandem.lab.folder import OpenRun
from tandem.lab.text_pairs import TextPair
from tandem.lab.text_vectors import room_for_text, text_vectors
from tandem.nn.model import Model
from tandem.nn.pair_heads import CosineHead, SiameseHead
from tandem.objectives.base import Objective
from tandem.objectives.pair_base import PairObjective
from tandem.objectives.siamese import Siamese

AT_ONCE = 1024
"""So many pairs are sorted by length together, so that rows of a batch are about equally long."""

Ids = list[list[int]]


class PairAnswer(NamedTuple):
    """What is said about a pair: the probability of each class, (K,), or a score, (1,), or nothing, (0,).

    `cosine` is that of the vectors of its texts, 0 where one is zero; `cut` says that the end of a text was not read.
    A pair with a text without a word has neither `told` nor `cosine`.
    """

    pair: TextPair
    told: tuple[float, ...] | None
    cosine: float | None
    cut: bool


def pair_answers(run: OpenRun, pairs: Iterable[TextPair], *, gaps: bool = False) -> Iterator[PairAnswer]:
    """What any run says about `pairs`, in their order and streamed.

    Raises:
        DataError: the tokenizer reads nothing of a text, unless `gaps` may be among the answers.
    """
    waiting, form = iter(pairs), TwoRows(run.objective.frame)
    while chunk := list(islice(waiting, AT_ONCE)):
        firsts, seconds = _read(run.objective, chunk, gaps=gaps)
        heard = np.array([row for row in range(len(chunk)) if firsts[row] and seconds[row]], dtype=int)
        lengths = form.positions(*form.kept(_sizes(firsts), _sizes(seconds), run.model.encoder.defaults.max_length))
        found = {row: PairAnswer(pair, None, None, False) for row, pair in enumerate(chunk)}
        for rows in grouped(heard, lengths[heard], run.recipe.train.batch_tokens):
            some = rows.tolist()
            said = _answers(run.model, run.objective, [firsts[row] for row in some], [seconds[row] for row in some])
            found |= {row: PairAnswer(chunk[row], *one) for row, one in zip(some, said, strict=True)}
        yield from (found[row] for row in range(len(chunk)))


def told_of_pairs(model: Model, objective: PairObjective, pairs: Sequence[TextPair]) -> tuple[Tensor, list[bool]]:
    """What the model says about each of `pairs`, in float32 and without dropout, and which of them were cut.

    That is the probability of each class, (C, K), or scores on the scale of the corpus, (C,).

    Raises:
        DataError: the tokenizer reads nothing of a text.
    """
    return _told(model, objective, *_read(objective, pairs))


def _read(objective: Objective, pairs: Sequence[TextPair], *, gaps: bool = False) -> tuple[Ids, Ids]:
    """The ids of all first and of all second texts."""
    firsts, seconds = (objective.tokenizer.encode_many([pair[side] for pair in pairs]) for side in (1, 2))
    for pair, *read in zip(pairs, firsts, seconds, strict=True):
        for name, ids in zip(("first", "second"), read, strict=True):
            if not ids and not gaps:
                raise DataError(f"{pair.place}: the {name} text holds no word that the tokenizer reads")
    return firsts, seconds


@torch.no_grad()
def _answers(
    model: Model, objective: Objective, firsts: Ids, seconds: Ids
) -> Iterator[tuple[tuple[float, ...], float, bool]]:
    """What is told of each pair, the cosine of its texts, and whether it was cut.

    A siamese model reads each text once: what it tells follows from the vectors.
    """
    vectors = text_vectors(model, objective, [ids for pair in zip(firsts, seconds, strict=True) for ids in pair])
    told = vectors.new_empty(len(firsts), 0)
    cut = (np.maximum(_sizes(firsts), _sizes(seconds)) > room_for_text(model, objective)).tolist()
    if isinstance(objective, Siamese):
        assert isinstance(model.head, SiameseHead | CosineHead)
        told = _on_scale(model, objective, model.head.scored(vectors))
    elif isinstance(objective, PairObjective):
        told, cut = _told(model, objective, firsts, seconds)
    cosines = F.cosine_similarity(vectors[0::2].float(), vectors[1::2].float())
    return zip(map(tuple, told.reshape(len(firsts), -1).tolist()), cosines.tolist(), cut, strict=True)


@torch.no_grad()
def _told(model: Model, objective: PairObjective, firsts: Ids, seconds: Ids) -> tuple[Tensor, list[bool]]:
    sizes = _sizes(firsts), _sizes(seconds)
    kept = objective.form.kept(*sizes, model.encoder.defaults.max_length)
    texts = (
        [ids[:size] for ids, size in zip(side, some.tolist(), strict=True)]
        for side, some in zip((firsts, seconds), kept, strict=True)
    )
    batch = objective.collate(objective.form.rows(*texts), key=0).to(model.device)
    hidden = model.eval().encoder(batch.ids, batch.mask, batch.segments)
    scores = objective.pair_scores(model.head, hidden, batch)
    cut = (kept[0] < sizes[0]) | (kept[1] < sizes[1])
    return _on_scale(model, objective, scores), cut.tolist()


def _sizes(texts: Ids) -> Integers:
    return np.array([len(ids) for ids in texts])


def _on_scale(model: Model, objective: PairObjective, scores: Tensor) -> Tensor:
    """Probabilities of classes, or scores on the scale of the corpus."""
    scale = objective.scale(model.head)
    return scores.float().softmax(dim=-1) if scale is None else scale.value(scores.float())
