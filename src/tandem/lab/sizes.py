"""What a model costs, and what it would cost at another width."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.lab.assemble import build_model, stand_in_objective
from tandem.nn.block import Block
from tandem.nn.cost import Parameters, parameters, state_bytes
from tandem.nn.mixers.base import Mixer
from tandem.nn.model import Model
from tandem.objectives.base import Objective

STEPS = 256
"""A width is looked for among so many neighbours; heads and directions divide it."""


@dataclass(frozen=True)
class Sizes:
    """The costs of a recipe's model: operations of a forward pass for each token, bytes of state for each sequence.

    Of the body's operations training spares `spared_flops`, at positions that the loss does not read.
    `feedforward` is None where no block has a feed-forward network, `state_bytes` where a part sees both sides.
    """

    width: int
    feedforward: int | None
    counted: Parameters
    body_flops: float
    head_flops: float
    spared_flops: float
    state_bytes: int | None

    @property
    def flops(self) -> float:
        """Of body and head, as they are trained."""
        return self.body_flops - self.spared_flops + self.head_flops

    @property
    def parameters(self) -> int:
        """Of body and head: all but embedding and position tables."""
        return self.counted.body + self.counted.head


def sizes_of(recipe: Recipe, model: Model, objective: Objective) -> Sizes:
    """The costs of the `model` that `recipe` describes, for sequences of `data.length` tokens."""
    length, width = recipe.data.length, recipe.model.width
    tokens = length * objective.texts
    has_feed = any(isinstance(part, Block) and part.style != "bare" for part in model.modules())
    past = all(part.sees == "past" for part in model.modules() if isinstance(part, Mixer))
    return Sizes(
        width,
        (recipe.model.feedforward or 4 * width) if has_feed else None,
        parameters(model),
        model.encoder.flops(length) / tokens,
        objective.head_flops(model.head, length) / tokens,
        (1 - objective.share_read) * model.encoder.spared_flops(length) / tokens,
        state_bytes(model, length) if past and not objective.both_ways else None,
    )


class Resizable:
    """A recipe whose width and feed-forward width are to be found."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.objective = recipe, stand_in_objective(recipe)
        self._known: dict[tuple[int, int | None], Sizes] = {}

    def resized(self, width: int, feedforward: int | None = None) -> Recipe:
        """The recipe with another width; without a `feedforward` it keeps its own, or four times the width."""
        changes = {"width": width} | ({} if feedforward is None else {"feedforward": feedforward})
        return self.recipe.model_copy(update={"model": self.recipe.model.model_copy(update=changes)})

    def at(self, width: int, feedforward: int | None = None) -> Sizes:
        """What it costs at that width.

        Raises:
            UsageError: a part refuses the width.
        """
        if (width, feedforward) not in self._known:
            recipe = self.resized(width, feedforward)
            with torch.device("meta"):
                model = build_model(recipe, self.objective, vocabulary=recipe.tokenizer.size)
            self._known[width, feedforward] = sizes_of(recipe, model, self.objective)
        return self._known[width, feedforward]

    def legal(self, width: int, *, step: int = 1) -> int:
        """The nearest width from `width` on, upwards or with `step` -1 downwards, that every part accepts; 0 for none.

        Raises:
            UsageError: no width upwards is accepted; the message is that of the part.
        """
        refusal: UsageError | None = None
        for candidate in range(width, max(0, width + step * STEPS), step):
            try:
                self.at(candidate)
            except UsageError as error:
                refusal = refusal or error
            else:
                return candidate
        if step > 0 and refusal is not None:
            raise refusal
        return 0


QUANTITIES: dict[str, Callable[[Sizes], float | None]] = {
    "parameters": lambda sizes: sizes.parameters,
    "flops": lambda sizes: sizes.flops,
    "state_bytes": lambda sizes: sizes.state_bytes,
    "width": lambda sizes: sizes.width,
}
"""What can be made equal without measuring."""
