"""An encoder and the head of its objective: what a run trains, saves and serves."""

import torch
from torch import Tensor, nn

from tandem.core.errors import ArtifactError
from tandem.nn.encoder import Encoder


class Model(nn.Module):
    """The pair; a parameter that both use, such as a tied embedding, exists once."""

    def __init__(self, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

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
