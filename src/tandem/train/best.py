"""The weights of the best evaluation so far."""

from typing import Any

import torch
from torch import Tensor

NAME = "best/"


class Best:
    """Keeps a copy of the weights whenever an evaluation is better than all before it.

    `measure` is the name of the score that decides; of a loss less is better, of anything else more. Copies and state
    are saved with a checkpoint, so that a run that was stopped keeps what an uninterrupted one does.
    """

    def __init__(self, measure: str, *, patience: int | None = None) -> None:
        self.measure, self.patience = measure, patience
        self.step: int | None = None
        self.value = 0.0
        self.worse_since = 0
        self.weights: dict[str, Tensor] = {}

    def offer(self, step: int, value: float, weights: dict[str, Tensor]) -> None:
        """Takes notice of an evaluation; equally good ones leave the first."""
        less_is_better = self.measure.endswith("loss")
        if self.step is None or (value < self.value if less_is_better else value > self.value):
            self.step, self.value, self.worse_since = step, value, 0
            self.weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        else:
            self.worse_since += 1

    @property
    def exhausted(self) -> bool:
        """Whether as many evaluations in a row as `patience` says were not better."""
        return self.patience is not None and self.worse_since >= self.patience

    def state(self) -> dict[str, Any]:
        """What JSON holds of it."""
        return {"step": self.step, "value": self.value, "worse_since": self.worse_since}

    def kept(self) -> dict[str, Any]:
        """Which step was best, by which measure, and how good it was."""
        return {"step": self.step, "by": self.measure, "value": self.value}

    def tensors(self) -> dict[str, Tensor]:
        """The weights by name, to be saved."""
        return {f"{NAME}{name}": tensor for name, tensor in self.weights.items()}

    def load(self, state: dict[str, Any], saved: dict[str, Tensor], *, device: torch.device) -> None:
        """Takes over what `state` and `tensors` gave."""
        self.step, self.value, self.worse_since = state["step"], state["value"], state["worse_since"]
        self.weights = {
            name.removeprefix(NAME): tensor.to(device) for name, tensor in saved.items() if name.startswith(NAME)
        }
