"""Adversarial training: every batch a second time, with the embeddings of its tokens moved to where it is hardest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

T = TypeVar("T")


def with_hardest(embedding: nn.Embedding, once: Callable[[], T], *, radius: float) -> T:
    """Calls `once`, which looks up tokens in `embedding` and goes back through its loss, twice; gives its first result.

    In the second call the vectors (B, T, D) of each row are moved along the gradient of the first loss, by `radius`
    times their own length: a share, so that larger vectors gain nothing. Both calls look up the same ids in the same
    order, and both add to the gradients.

    Source: Miyato, Dai and Goodfellow 2017, Adversarial training methods for semi-supervised text classification.
    """
    read: list[Tensor] = []
    with _looked_up(embedding, partial(_watched, read=read)):
        found = once()
    moves = iter([_hardest(vectors, radius) for vectors in read])
    with _looked_up(embedding, lambda vectors: vectors + next(moves)):
        once()
    return found


@contextmanager
def _looked_up(embedding: nn.Embedding, changed: Callable[[Tensor], Tensor]) -> Iterator[None]:
    hook = embedding.register_forward_hook(lambda _module, _ids, vectors: changed(vectors))
    try:
        yield
    finally:
        hook.remove()


def _watched(vectors: Tensor, *, read: list[Tensor]) -> Tensor:
    watched = vectors if vectors.requires_grad else vectors.detach().requires_grad_()
    watched.retain_grad()
    read.append(watched)
    return watched


def _hardest(vectors: Tensor, radius: float) -> Tensor:
    """The moves (B, T, D) of the rows; where no gradient comes from, as from padding, nothing is moved or measured."""
    gradient = vectors.grad
    if gradient is None:
        return torch.zeros_like(vectors)
    counts = (gradient != 0).any(dim=-1, keepdim=True)
    length = (vectors.detach() * counts).flatten(1).norm(dim=1)
    slope = gradient.flatten(1).norm(dim=1).clamp_min(torch.finfo(gradient.dtype).tiny)
    move: Tensor = gradient * (radius * length / slope)[:, None, None]
    return move
