"""The loss on held-out text: the same hidden tokens for everybody. Needs torch and NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@torch.no_grad()
def held_out_loss(score: Callable[[Tensor, Tensor, Tensor], Tensor], text: Any, *, batch: int, device: Any) -> float:
    """In nats for each hidden token of the rows `text`, whose places are told by `score(ids, mask, places)`, (N, V)."""
    total = count = 0.0
    for start in range(0, len(text.ids), batch):
        some = slice(start, start + batch)
        ids, labels = (torch.from_numpy(rows[some]).to(device) for rows in (text.ids, text.labels))
        mask = torch.from_numpy(np.arange(ids.shape[1])[None] < text.lengths[some, None]).to(device)
        places = labels != -100
        total += float(F.cross_entropy(score(ids, mask, places).float(), labels[places], reduction="sum"))
        count += int(places.sum())
    return total / count
