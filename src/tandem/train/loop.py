"""The training loop: a generator that takes one optimiser step at a time."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from tandem.core.config import Recipe
from tandem.core.errors import DivergedError
from tandem.core.seeds import derive
from tandem.data.batch import Batch
from tandem.data.lanes import LaneStream
from tandem.data.stream import Stream
from tandem.nn.model import Model
from tandem.objectives.base import Objective, Outcome
from tandem.train.adversarial import with_hardest
from tandem.train.budget import Progress, spent
from tandem.train.carried import Carried, hidden_states
from tandem.train.optimiser import Optimiser
from tandem.train.schedule import learning_rate_factor
from tandem.train.spread import Extent, Share


@dataclass(frozen=True)
class Step:
    """One finished optimiser step. `norm` is the gradient's before clipping; `spent` the share of the budget gone.

    `loss` and `accuracy` are those of the objective's main term; `also` holds the other terms', as `nsp loss`.
    """

    step: int
    tokens: int
    loss: float
    accuracy: float
    norm: float
    rate: float
    spent: float
    also: dict[str, float] = field(default_factory=dict)


def train(
    model: Model,
    objective: Objective,
    stream: Stream | LaneStream,
    optimiser: Optimiser,
    progress: Progress,
    *,
    recipe: Recipe,
    autocast: bool,
    carried: Carried | None = None,
) -> Iterator[Step]:
    """Trains until the budget is spent, from wherever `progress` stands, and keeps `progress` up to date.

    Order, masks and dropout are functions of the seed, the step and the sequence, so a loop that starts again from a
    saved step does what an uninterrupted one does, bit for bit. `tokens` of a step counts all tokens so far. Where an
    objective carries a state, `carried` keeps it. Several processes that call this together (see `train/processes.py`)
    each read a share of every batch, and move equal weights by the gradient of the whole.

    Raises:
        DivergedError: a loss or a gradient is not finite; the weights are those before that step.
    """
    schedule, device, radius = recipe.schedule, model.device, recipe.train.adversarial
    # Backward takes twice as long as forward. It ends before what is frozen, unless it is to find the hardest move.
    passes, passes_saved = (6, 3) if radius else (3, 2)
    for sequences, epoch, following in stream.after(progress.position):
        already = spent(recipe.budget, progress)
        if already >= 1:
            return
        started = time.perf_counter()
        key = derive(recipe.seed, "mask", epoch)
        share = Share.of(sequences)
        batch = objective.collate(stream.source.rows(share.sequences, key=key), key=key).to(device)
        torch.manual_seed(derive(recipe.seed, "dropout", progress.step, *share.noise))
        model.train()
        anew = progress.position.batch == 0
        once = partial(_gradients, model, objective, batch, share, carried, anew=anew, autocast=autocast)
        outcome, whole = with_hardest(model.encoder.embedding, once, radius=radius) if radius else once()
        outcome = share.added_up(outcome, optimiser.named.values())
        loss, norm, own_loss, correct, *further = numbers_of(outcome.loss, optimiser.clip_gradients(), *_sums(outcome))
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise DivergedError(
                f"step {progress.step + 1}: the loss is {loss} and its gradient's norm {norm}; "
                "lower optimiser.learning_rate or lengthen schedule.warmup"
            )
        progress.step += 1
        progress.tokens += whole.tokens
        progress.positions += whole.positions
        progress.flops += passes * whole.rows * objective.flops(model, whole.length, second=whole.second)
        progress.flops -= passes_saved * whole.rows * model.frozen_flops(whole.length)
        progress.position = following
        # In the middle of what a step spends: at its beginning the first rate is 0, at its end the last.
        middle = (already + spent(recipe.budget, progress)) / 2
        factor = learning_rate_factor(middle, warmup=schedule.warmup, decay=schedule.decay, floor=schedule.floor)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=autocast):
            optimiser.step(factor)
        progress.seconds += time.perf_counter() - started
        yield Step(
            step=progress.step,
            tokens=progress.tokens,
            loss=own_loss,
            accuracy=correct / max(1, outcome.count),
            norm=norm,
            rate=recipe.optimiser.learning_rate * factor,
            spent=spent(recipe.budget, progress),
            also=_further(outcome, further),
        )


def _gradients(
    model: Model,
    objective: Objective,
    batch: Batch,
    share: Share,
    carried: Carried | None,
    *,
    anew: bool,
    autocast: bool,
) -> tuple[Outcome, Extent]:
    """Adds those of this process's share of a batch; returns the share's outcome, and the extent of the whole."""
    with torch.autocast(batch.ids.device.type, dtype=torch.bfloat16, enabled=autocast):
        hidden = hidden_states(model, batch, carried, anew=anew)
        outcome, whole = share.weighed(objective.loss(model.head, hidden, batch), batch)
    outcome.loss.backward()  # type: ignore[no-untyped-call]
    return outcome, whole


def numbers_of(*values: Tensor | int) -> list[float]:
    """Their numbers, for which the device is waited for once and not for each; double precision holds all of them."""
    device = next((value.device for value in values if isinstance(value, Tensor)), None)
    wide = [torch.as_tensor(value, device=device, dtype=torch.float64) for value in values]
    numbers: list[float] = torch.stack(wide).tolist()
    return numbers


def _sums(outcome: Outcome) -> list[Tensor | int]:
    """The mean loss of each term and how many of its predictions were right, the main term first."""
    return [value for term in (outcome, *outcome.also.values()) for value in (term.own_loss, term.correct)]


def _further(outcome: Outcome, numbers: list[float]) -> dict[str, float]:
    """Loss and accuracy of each further term by name, from what `_sums` gave of them."""
    losses = {f"{name} loss": loss for name, loss in zip(outcome.also, numbers[::2], strict=True)}
    right = zip(outcome.also.items(), numbers[1::2], strict=True)
    return losses | {f"{name} accuracy": correct / max(1, term.count) for (name, term), correct in right}
