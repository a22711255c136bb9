"""How long a training step takes on this machine, for models side by side."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.lab.assemble import build_model
from tandem.nn.torch_compile import compile_training
from tandem.objectives.base import Objective
from tandem.train.adversarial import with_hardest
from tandem.train.carried import hidden_states
from tandem.train.optimiser import Optimiser

REPETITIONS = 7


def step_seconds(steps: list[Callable[[], None]], *, repetitions: int = REPETITIONS) -> list[float]:
    """The median seconds of each of `steps`, which take turns, so that what else the machine does meets them alike."""
    for step in steps:
        step()
    taken: list[list[float]] = [[] for _ in steps]
    for _ in range(repetitions):
        for step, seconds in zip(steps, taken, strict=True):
            started = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - started)
    return [statistics.median(seconds) for seconds in taken]


def training_step(recipe: Recipe, objective: Objective) -> Callable[[], None]:
    """One optimiser step of the recipe's model in float32, over a full batch of random tokens.

    Raises:
        UsageError: the objective reads something other than running text.
    """
    if "text" not in objective.kinds:
        raise UsageError(
            f"seconds are measured on running text, which task {recipe.task} does not read; match by flops, or set "
            "another task"
        )
    model = build_model(recipe, objective, vocabulary=recipe.tokenizer.size)
    compile_training(model.encoder, recipe.train.compile)
    model.to("cuda" if torch.cuda.is_available() else "cpu").train()
    optimiser, radius = Optimiser(model, recipe.optimiser), recipe.train.adversarial
    shape = (max(1, recipe.train.batch_tokens // recipe.data.length), recipe.data.length)
    ids = np.random.default_rng(0).integers(recipe.tokenizer.size, size=shape)
    batch = objective.collate(padded(list(ids)), key=0).to(model.device)

    def once() -> None:
        objective.loss(model.head, hidden_states(model, batch, None), batch).loss.backward()  # type: ignore[no-untyped-call]

    def step() -> None:
        with_hardest(model.encoder.embedding, once, radius=radius) if radius else once()
        optimiser.clip_gradients()
        optimiser.step(1e-3)
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    return step
