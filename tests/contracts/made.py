"""Weights and inputs that the contract tests share."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")
"""Tensors on it have shapes and no numbers: whoever asks one for its value, as a GPU is waited for, fails."""


def shaken(module: nn.Module, seed: int = 0) -> nn.Module:
    """`module` in double precision with noise in every trained parameter, since fresh biases of zero hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return module


def noise(*shape: int, seed: int = 1) -> Tensor:
    """Normal numbers in double precision."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mask_of(lengths: list[int], longest: int) -> Tensor:
    """True for the first `lengths[b]` of `longest` positions."""
    return torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]


def weighed(output: Tensor) -> Tensor:
    """A scalar in which every number of `output` has a weight of its own, so that no norm makes it constant."""
    return (output * noise(*output.shape, seed=2).to(output.dtype)).sum()


class OneDevice(TorchDispatchMode):
    """Refuses every operation that reads or makes a tensor off the `meta` device."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        found = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)]
        assert {leaf.device for leaf in found} <= {META}, f"{func} works on another device"
        return result
