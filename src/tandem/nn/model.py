"""An encoder and the head of its objective: what a run trains, saves and serves."""

import copy
from collections.abc import Iterable, Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn

from tandem.core.errors import ArtifactError
from tandem.nn.encoder import Encoder

M = TypeVar("M", bound=nn.Module)


class Model(nn.Module):
    """The pair; a parameter that both use, such as a tied embedding, exists once."""

    def __init__(self, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head
        self.frozen: list[nn.Module] = []

    def freeze(self, names: Iterable[str]) -> None:
        """Gives these parameters no gradient from now on, and modules that hold no others no dropout."""
        own = dict(self.named_parameters())
        still = {id(own[name].requires_grad_(False)) for name in names}
        self.frozen = list(_made_of(self.encoder, still))

    def train(self, mode: bool = True) -> "Model":
        """What is trained goes into training mode, or out of it; what is frozen never does."""
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self

    def frozen_flops(self, length: int) -> int:
        """Operations, for one sequence, of that part of the encoder to which no gradient goes back."""
        return sum(module.flops(length) for module in self.frozen if hasattr(module, "flops"))  # type: ignore[operator]

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.encoder.embedding.weight.device

    def weights(self) -> dict[str, Tensor]:
        """All parameters by name, a shared one once."""
        return {name: parameter.detach() for name, parameter in self.named_parameters()}

    def load_weights(self, weights: dict[str, Tensor], *, where: str) -> None:
        """Takes over what `weights` gave.

        Raises:
            ArtifactError: names or shapes differ; the message names `where`.
        """
        own = self.weights()
        if own.keys() != weights.keys():
            raise ArtifactError(
                f"{where}: does not fit the recipe; it differs in {sorted(own.keys() ^ weights.keys())[0]}"
            )
        for name, tensor in own.items():
            if tensor.shape != weights[name].shape:
                raise ArtifactError(
                    f"{where}: {name} has shape {tuple(weights[name].shape)}, the recipe says {tuple(tensor.shape)}"
                )
            tensor.copy_(weights[name])


def in_float64(module: M) -> M:
    """`module` in float64 and without dropout: itself where it is so already, else a copy."""
    if not module.training and all(parameter.dtype == torch.float64 for parameter in module.parameters()):
        return module
    return copy.deepcopy(module).double().eval()


def _made_of(module: nn.Module, parameters: set[int]) -> Iterator[nn.Module]:
    """The outermost modules in `module` all of whose parameters are among these."""
    own = [id(parameter) for parameter in module.parameters()]
    if own and parameters.issuperset(own):
        yield module
    else:
        for child in module.children():
            yield from _made_of(child, parameters)
