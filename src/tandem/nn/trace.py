"""What every layer of an encoder says about a text."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile

import torch
from torch import Tensor, nn

from tandem.core.shapes import Hidden, TokenIds, TokenMask
from tandem.nn.block import Block
from tandem.nn.both_ways import BothWays
from tandem.nn.chain import Chain, Norm
from tandem.nn.encoder import Encoder
from tandem.nn.merge import Parallel
from tandem.nn.reversal import reversed_text

LAYERS = (Block, Parallel)


@dataclass(frozen=True)
class Layer:
    """The hidden states (B, T, D) behind one layer, and its place in the tree, such as `2 lstm`."""

    name: str
    hidden: Hidden


def trace(encoder: Encoder, ids: TokenIds, mask: TokenMask, segments: TokenIds | None = None) -> list[Layer]:
    """The layers of one forward pass: the embedding, then every block in order; the last is what the encoder returns.

    The steps of a series are numbered from 1, and so are the branches of a step: `2.1.3 attention` is the third step in
    the first branch of the second step. Behind its branches a merge is a layer too, such as `2 sum`. A norm belongs to
    the layer in front of it: to a block, or to the embedding where a body begins with positions and a norm. Where an
    encoder reads both ways, each layer holds what both bodies say, 2D units, and the embedding stands there twice
    (Peters et al. 2018).
    """
    embedded, body = encoder.embedded(ids, segments), encoder.body
    bodies = [body.ahead, body.behind] if isinstance(body, BothWays) else [body]
    found = [[("embedding", beginning(part)), *places(part)] for part in bodies]
    with outputs_of(module for _, module in chain(*found) if module is not None) as outputs:
        body(embedded, mask)
    layers = [Layer(name, embedded if module is None else outputs[module]) for name, module in found[0]]
    if not isinstance(body, BothWays):
        return layers
    behind = [embedded if module is None else reversed_text(outputs[module], mask) for _, module in found[1]]
    return [
        Layer(layer.name, torch.cat([layer.hidden, other], dim=-1)) for layer, other in zip(layers, behind, strict=True)
    ]


def layer_names(encoder: Encoder) -> list[str]:
    """What the layers of `trace` are called, in order."""
    body = encoder.body.ahead if isinstance(encoder.body, BothWays) else encoder.body
    return ["embedding", *(name for name, _ in places(body))]


def places(body: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The name of every layer of a body, in order, with the module that returns its hidden states."""
    assert isinstance(body, Chain)
    steps = [step for step in body.steps if isinstance(step, LAYERS)]
    normed = {before: step for before, step in pairwise(body.steps) if isinstance(step, Norm)}
    for number, step in enumerate(steps, start=1):
        name = step.merge if isinstance(step, Parallel) else type(step.mixer).__name__.lower()
        if isinstance(step, Parallel):
            for branch, inner in enumerate(step.branches, start=1):
                yield from places(inner, f"{path}{number}.{branch}.")
        yield f"{path}{number} {name}", body if step is steps[-1] else normed.get(step, step)


def beginning(body: nn.Module) -> nn.Module | None:
    """The norm in front of the first layer of a body, behind which its embedding is whole; None where there is none."""
    assert isinstance(body, Chain)
    return next((step for step in takewhile(_is_no_layer, body.steps) if isinstance(step, Norm)), None)


def _is_no_layer(step: nn.Module) -> bool:
    return not isinstance(step, LAYERS)


@contextmanager
def outputs_of(modules: Iterable[nn.Module]) -> Iterator[dict[nn.Module, Tensor]]:
    """What each of `modules` returns, by module, filled while they run inside the `with` block."""
    found: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, _: object, output: Tensor) -> None:
        found[module] = output

    handles = [module.register_forward_hook(keep) for module in modules]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
