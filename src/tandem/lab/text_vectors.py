"""One vector for a text: the hidden states of what a model reads of it, pooled."""

from collections.abc import Sequence

import torch

from tandem.core.shapes import Pooled
from tandem.data.rows import padded
from tandem.nn.heads import PretrainingHead
from tandem.nn.model import Model
from tandem.nn.pooling import Pooling
from tandem.objectives.base import Objective


def pooling_of(model: Model) -> Pooling:
    """How a head pools that judges whole texts; the mean for any other.

    BERT's second head is one of the others: its [CLS] has learnt to tell whether two texts belong together.
    """
    pools = [part for part in model.head.modules() if isinstance(part, Pooling)]
    if not pools or isinstance(model.head, PretrainingHead):
        return Pooling(model.encoder.width, kind="mean")
    return pools[0]


def room_for_text(model: Model, objective: Objective) -> int:
    """How many tokens of a text that stands alone a model reads at once: as many as in its training."""
    return max(1, model.encoder.defaults.max_length - objective.frame.size)


@torch.no_grad()
def text_vectors(model: Model, objective: Objective, texts: Sequence[list[int]]) -> Pooled:
    """The vectors (B, D) of B texts, given as ids, without dropout; what is beyond the room for a text is not read."""
    room = room_for_text(model, objective)
    rows = padded([objective.frame.around(ids[:room]) for ids in texts])
    mask = torch.from_numpy(rows.mask).to(model.device)
    hidden = model.eval().encoder(torch.from_numpy(rows.ids).to(model.device), mask)
    vectors: Pooled = pooling_of(model)(hidden, mask)
    return vectors
