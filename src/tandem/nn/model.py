"""An encoder and the head of its objective: what a run trains, saves and serves."""

from torch import nn

from tandem.nn.encoder import Encoder


class Model(nn.Module):
    """The pair; a parameter that both use, such as a tied embedding, exists once."""

    def __init__(self, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head
