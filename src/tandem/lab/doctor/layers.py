"""A few layers of one mixer on random tokens, as they are trained: for timing, and for comparing precisions."""

import torch
from torch import Tensor

from tandem.core.seeds import derive
from tandem.nn.block import Block
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.train.muon import Muon

WIDTH, LENGTH, VOCABULARY = 256, 128, 1000


class Trial:
    """`layers` layers of the mixer `name` in its own block, seeing both sides, with fresh weights."""

    def __init__(self, name: str, *, layers: int, batch: int, device: torch.device) -> None:
        torch.manual_seed(derive(0, "doctor"))
        layout = parse(f"{name}*{layers}")
        self.encoder = Encoder(layout, vocabulary=VOCABULARY, width=WIDTH, sees="both", max_length=LENGTH).to(device)
        self.ids = torch.randint(VOCABULARY, (batch, LENGTH)).to(device)
        self.mask = torch.ones_like(self.ids, dtype=torch.bool)
        self.weights = torch.randn(batch, LENGTH, WIDTH).to(device)
        # At rate 0 it does all its work, and the weights stay.
        matrices = [weight for weight in self.encoder.body.parameters() if weight.dim() >= 2]
        self.optimiser = Muon(matrices, lr=0.0, weight_decay=0.0, momentum=0.95)

    @property
    def blocks(self) -> list[Block]:
        """The layers from the input on."""
        return [module for module in self.encoder.modules() if isinstance(module, Block)]

    def run(self, precision: str) -> None:
        """Forward and backward, from a random weight for each number of the output."""
        self.encoder.zero_grad(set_to_none=True)
        with torch.autocast(self.ids.device.type, dtype=torch.bfloat16, enabled=precision == "bf16"):
            output = self.encoder(self.ids, self.mask)
        (output.float() * self.weights).mean().backward()

    def step(self, precision: str) -> None:
        """Forward, backward, and Muon's products of matrices, which bf16 makes faster too."""
        self.run(precision)
        with torch.autocast(self.ids.device.type, dtype=torch.bfloat16, enabled=precision == "bf16"):
            self.optimiser.step()

    def traced(self, precision: str) -> list[tuple[Tensor, Tensor]]:
        """What each layer gives, (B, T, D), and the gradients of all its weights in one row, (P,)."""
        outputs: list[Tensor] = []
        hooks = [block.register_forward_hook(lambda *told: outputs.append(told[2].detach())) for block in self.blocks]
        try:
            self.run(precision)
        finally:
            for hook in hooks:
                hook.remove()
        gradients = [
            torch.cat([p.grad.flatten() for p in block.parameters() if p.grad is not None]) for block in self.blocks
        ]
        return list(zip(outputs, gradients, strict=True))
