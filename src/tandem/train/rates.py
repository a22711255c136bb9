"""Learning rates that fall from layer to layer of what was taken over."""

from collections.abc import Collection

from torch import nn

from tandem.nn.block import Block
from tandem.nn.both_ways import BothWays
from tandem.nn.chain import Chain
from tandem.nn.merge import Parallel
from tandem.nn.model import Model


def rates_of(model: Model, taken: Collection[str], *, layer_decay: float, head_rate: float) -> dict[str, float]:
    """The factor of each parameter's learning rate that is not 1, by name.

    Of what is `taken` over, the uppermost layer has the full rate, each layer below it `layer_decay` times that of the
    one above, and the embedding, with its segments, positions and norm, the least. Of branches each counts its own
    layers. What is not taken over has `head_rate`.

    Source: Howard and Ruder 2018, Universal language model fine-tuning for text classification (discriminative
    fine-tuning); Clark et al. 2020, ELECTRA.
    """
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    depths: dict[str, int] = {}

    def put(module: nn.Module, depth: int) -> None:
        depths.update({names[id(parameter)]: depth for parameter in module.parameters()})

    def descend(module: nn.Module, depth: int) -> int:
        """Notes how deep everything in `module` lies when its top lies at `depth`; returns where it goes on below."""
        match module:
            case Chain():
                if module.norm is not None:
                    put(module.norm, depth)
                for step in reversed(module.steps):
                    depth = descend(step, depth)
                return depth
            case Parallel():
                put(module, depth)
                return max(descend(branch, depth) for branch in module.branches)
            case BothWays():
                return max(descend(body, depth) for body in (module.ahead, module.behind))
            case Block():
                put(module, depth)
                return depth + all(names[id(parameter)] in taken for parameter in module.parameters())
            case _:
                put(module, depth)
                return depth

    lowest = descend(model.encoder.body, 0)
    put(model.encoder.embedding, lowest)
    if model.encoder.segments is not None:
        put(model.encoder.segments, lowest)
    factors = {name: layer_decay ** depths[name] if name in taken else head_rate for name in names.values()}
    return {name: factor for name, factor in factors.items() if factor != 1}
