"""One optimiser over all parameters of a model, whose state has names."""

from typing import Any

import torch
from torch import Tensor, nn

from tandem.core.tables import OptimiserTable
from tandem.nn.positions import Positions
from tandem.train.muon import Muon


class Optimiser:
    """AdamW for everything; or Muon for the matrices of the encoder's body and AdamW for the rest.

    A table of positions is looked up as an embedding is, so it counts among the rest. Weight decay applies to matrices
    and never to vectors (biases, norms). `rates` holds the factor of each parameter's learning rate that is not 1.
    """

    def __init__(self, model: nn.Module, table: OptimiserTable, *, rates: dict[str, float] | None = None) -> None:
        self.named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.clip = table.clip
        tables = {id(p) for module in model.modules() if isinstance(module, Positions) for p in module.parameters()}
        in_body = {name for name, p in self.named.items() if name.startswith("encoder.body") and p.dim() >= 2}
        by_muon = {name for name in in_body if id(self.named[name]) not in tables} if table.name == "muon" else set()
        factors = {name: (rates or {}).get(name, 1.0) for name in self.named}
        rest = {name: p for name, p in self.named.items() if name not in by_muon}
        groups: list[dict[str, Any]] = [
            {
                "params": [p for name, p in rest.items() if (p.dim() >= 2, factors[name]) == (is_matrix, factor)],
                "weight_decay": table.weight_decay if is_matrix else 0.0,
                "factor": factor,
            }
            for factor in sorted(set(factors.values()))
            for is_matrix in (True, False)
        ]
        adamw = torch.optim.AdamW(groups, lr=table.learning_rate, betas=table.betas, eps=table.epsilon, fused=True)
        self.inner: list[torch.optim.Optimizer] = [adamw]
        self.learning_rate = table.learning_rate
        if by_muon:
            matrices: list[dict[str, Any]] = [
                {"params": [self.named[name] for name in sorted(by_muon) if factors[name] == factor], "factor": factor}
                for factor in sorted({factors[name] for name in by_muon})
            ]
            decay, momentum = table.weight_decay, table.momentum
            self.inner.append(Muon(matrices, lr=table.learning_rate, weight_decay=decay, momentum=momentum))

    def clip_gradients(self) -> Tensor:
        """Bounds the norm of all gradients together; returns the norm before."""
        return nn.utils.clip_grad_norm_(self.named.values(), self.clip, foreach=True)

    def step(self, factor: float) -> None:
        """One step at `factor` times the peak learning rate, then the gradients are dropped."""
        for optimiser in self.inner:
            for group in optimiser.param_groups:
                group["lr"] = self.learning_rate * factor * group["factor"]
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """All state tensors, named `parameter/key`."""
        return {
            f"{name}/{key}": value
            for optimiser in self.inner
            for name, parameter in self.named.items()
            for key, value in sorted(optimiser.state.get(parameter, {}).items())
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Takes over what `state` gave."""
        for optimiser in self.inner:
            mine = {id(p) for group in optimiser.param_groups for p in group["params"]}
            for key, value in state.items():
                name, _, kind = key.rpartition("/")
                parameter = self.named.get(name)
                if parameter is not None and id(parameter) in mine:
                    optimiser.state[parameter][kind] = value.to(parameter.device)
