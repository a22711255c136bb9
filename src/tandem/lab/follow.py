"""What the other processes of a training do: the steps that the first one orders, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import safetensors.torch

from tandem.core.config import Recipe
from tandem.core.errors import DivergedError
from tandem.lab.assemble import assemble
from tandem.lab.folder import RunFolder
from tandem.lab.origins import initial_of
from tandem.lab.session import Session
from tandem.train.loop import Step
from tandem.train.processes import Ended, Order, next_order, told


def follow() -> int:
    """Takes part in every run that the first process leads, until that ends; returns its exit code.

    Raises:
        What `assemble` raises, where this process cannot do what the first one could.
    """
    part: _Part | None = None
    while True:
        try:
            what, details = next_order()
            if what is Order.BEGIN:
                part = _Part(**details)
            elif part and what is Order.STEP:
                part.step(details)
            elif part and part.session.carried:
                part.session.carried.gathered()
        except Ended as ended:
            return ended.code
        except DivergedError:
            # The same sums are not finite in the first process, which says so.
            continue


class _Part:
    """A run as the first process told it, writing nothing."""

    def __init__(self, *, recipe: str, folder: str, autocast: bool, progress: dict[str, Any]) -> None:
        weights, optimiser = (safetensors.torch.load(told(b"")) for _ in range(2))
        wanted = Recipe.model_validate_json(recipe)
        assembly = assemble(wanted, initial=initial_of(wanted))
        self.session = Session(assembly, RunFolder(Path(folder)))
        self.session.autocast = autocast
        self.session.take_over(weights, optimiser, progress)
        self.steps: Iterator[Step] = self.session.steps()

    def step(self, seconds: float) -> None:
        """The next step, when the training of the first process has taken so long."""
        self.session.progress.seconds = seconds
        next(self.steps)
