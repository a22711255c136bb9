"""What a run says by our own model, a text at a time."""

import torch
from torch import Tensor

from tandem.data.rows import padded
from tandem.lab.folder import OpenRun
from tandem.nn.heads import ClassHead
from tandem.nn.pair_heads import CrossHead, SiameseHead
from tandem.nn.pooling import Pooling

TEXTS = ["The spring wind blows.", "After autumn comes winter. We wait for the wind!", "Wind"]
"""Of unequal length; in all runs but the one on characters below the 16 tokens that the runs have seen."""


@torch.no_grad()
def own_scores(run: OpenRun, text: str) -> Tensor:
    """(K,) of a classifier, else (T, V) of the tokens, else the hidden states (T, D); special tokens are read too."""
    model, head = run.model.eval(), run.model.head
    rows = padded([run.objective.frame.around(run.objective.tokenizer.encode(text))])
    mask = torch.from_numpy(rows.mask)
    hidden = model.encoder(torch.from_numpy(rows.ids), mask)
    match head:
        case ClassHead():
            return head(hidden, mask)[0]
        case CrossHead():
            told = head(hidden, mask, torch.zeros_like(mask, dtype=torch.int64))
            return told[0] if head.scale is None else head.scale.value(told)
        case SiameseHead():
            return hidden[0]
        case _:
            return hidden[0] if run.objective.both_ways else head(hidden[0])


@torch.no_grad()
def own_vector(run: OpenRun, text: str, pooling: Pooling) -> Tensor:
    """The pooled hidden states (D,) of the first `data.length` tokens of a text, special ones included."""
    frame, model = run.objective.frame, run.model.eval()
    room = run.recipe.data.length - len(frame.around([]))
    rows = padded([frame.around(run.objective.tokenizer.encode(text)[:room])])
    mask = torch.from_numpy(rows.mask)
    return pooling(model.encoder(torch.from_numpy(rows.ids), mask), mask)[0]
