"""Encoders made equal: the widths at which they have as many parameters, operations, bytes of state or seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError, unknown
from tandem.lab.sizes import QUANTITIES, Resizable, Sizes
from tandem.lab.step_time import step_seconds, training_step
from tandem.nn.layout import parse

SECONDS = "seconds"
LEGAL = (*QUANTITIES, SECONDS)
TOLERANCE = 0.02
WIDEST = 2**16
Measure = Callable[[int, int | None], float]


@dataclass(frozen=True)
class Matched:
    """An encoder before and after; `amount` is what was to be equal, and `miss` the share it is off by.

    `recipe` is the one to train: the encoder with its new width, and its feed-forward width where that had to change.
    """

    recipe: Recipe
    before: Sizes
    after: Sizes
    amount: float
    miss: float

    @property
    def holds(self) -> bool:
        """Whether it is as near as asked for."""
        return abs(self.miss) <= TOLERANCE


def recipes_of(encoders: Sequence[str], *, width: int | None, length: int | None, overrides: list[str]) -> list[Recipe]:
    """A recipe for each of `encoders`; the first may be a recipe file, whose settings then hold for all.

    Raises:
        UsageError: the file or an expression is wrong, or a size is.
    """
    first, *others = encoders
    sizes = (("model.width", width), ("data.length", length))
    laid_over = [*overrides, *(f"{key}={size}" for key, size in sizes if size is not None)]
    if first.endswith(".toml"):
        content = read_recipe(Path(first), laid_over).model_dump(exclude_none=True)
    else:
        parse(first)
        # What is looked at here does not depend on the budget, which every recipe has.
        content = {"encoder": first, "budget": {"steps": 1}}
        content = checked_recipe(content, where="match", overrides=laid_over).model_dump(exclude_none=True)
    return [
        checked_recipe({**content, "encoder": str(parse(encoder))}, where="match")
        for encoder in (content["encoder"], *others)
    ]


def match(arms: Sequence[Recipe], reference: Recipe, *, equal: str) -> tuple[Sizes, float, list[Matched]]:
    """Each of `arms` at the width at which the quantity `equal` is nearest to the reference's.

    Where widths are too far apart for that, since heads divide them, the feed-forward networks of an arm are made wider
    or narrower. Returns the reference's sizes and its amount too.

    Raises:
        UsageError: there is no such quantity, an arm or the reference has none of it, or a part refuses every width.
    """
    if equal not in LEGAL:
        raise unknown("quantity", equal, LEGAL, "--equal")
    fixed = Resizable(reference)
    width = reference.model.width
    target = 1.0 if equal == SECONDS else _amount(fixed.at(width), equal, reference)
    found = []
    for recipe in arms:
        arm = Resizable(recipe)
        measure = _seconds(arm, fixed) if equal == SECONDS else _counted(arm, equal)
        found.append(_matched(arm, measure, target, width, may_reshape=equal not in (SECONDS, "width")))
    return fixed.at(width), target, found


def _counted(arm: Resizable, equal: str) -> Measure:
    return lambda width, feedforward: _amount(arm.at(width, feedforward), equal, arm.recipe)


def _amount(sizes: Sizes, equal: str, recipe: Recipe) -> float:
    amount = QUANTITIES[equal](sizes)
    if not amount:
        why = "sees both sides and keeps none" if amount is None else "has none"
        raise UsageError(f'{equal}: "{recipe.encoder}" {why}; with --set task=clm it sees the past, or take another')
    return float(amount)


def _seconds(arm: Resizable, fixed: Resizable) -> Measure:
    """How many times as long a step takes as one of the reference, which is measured anew each time."""
    standard = training_step(fixed.recipe, fixed.objective)

    def ratio(width: int, feedforward: int | None) -> float:
        mine, its = step_seconds([training_step(arm.resized(width, feedforward), arm.objective), standard])
        return mine / its

    return ratio


def _matched(arm: Resizable, measure: Measure, target: float, start: int, *, may_reshape: bool) -> Matched:
    first = arm.legal(start)
    widths = _neighbours(arm, lambda width: measure(width, None), target, first)
    choices: list[tuple[int, int | None, float]] = [(width, None, amount) for width, amount in widths]
    best = min(choices, key=lambda choice: abs(choice[2] / target - 1))
    has_feed = arm.at(best[0]).feedforward is not None
    if may_reshape and has_feed and abs(best[2] / target - 1) > TOLERANCE:
        reshaped = [_reshaped(measure, target, width) for width, _ in widths]
        near = [choice for choice in reshaped if abs(choice[2] / target - 1) <= TOLERANCE]
        # Of two shapes that agree, the one nearest to what was asked for.
        best = min(near, key=lambda choice: _stretch(arm, choice[0], choice[1]), default=best)
    width, feedforward, amount = best
    return Matched(
        arm.resized(width, feedforward), arm.at(first), arm.at(width, feedforward), amount, amount / target - 1
    )


def _neighbours(arm: Resizable, measure: Callable[[int], float], target: float, start: int) -> list[tuple[int, float]]:
    """The widest legal width at or below the target, and the next one, each with its amount; one of them may lack."""
    low, high = 0, start
    # Many widths share the nearest legal one, and the seconds of a step take seconds to measure.
    amount = cache(measure)
    while amount(arm.legal(high)) <= target:
        low, high = high, 2 * high
        if high > WIDEST:
            raise UsageError(f'"{arm.recipe.encoder}" stays below the reference up to a width of {WIDEST:,}')
    # Below `low` lies what is too little, at `high` and above what is too much.
    while high - low > 1:
        middle = (low + high) // 2
        legal = arm.legal(middle)
        low, high = (middle, high) if amount(legal) <= target else (low, middle)
    above = arm.legal(high)
    below = arm.legal(above - 1, step=-1)
    return [(width, amount(width)) for width in (below, above) if width]


def _reshaped(measure: Measure, target: float, width: int) -> tuple[int, int | None, float]:
    """The feed-forward width at which a width comes nearest to the target; the amount grows with it."""
    low, high = 1, 64 * width
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if measure(width, middle) <= target else (low, middle)
    best = min((low, high), key=lambda feedforward: abs(measure(width, feedforward) - target))
    return width, best, measure(width, best)


def _stretch(arm: Resizable, width: int, feedforward: int | None) -> float:
    """How many times as wide, or as narrow, a feed-forward network is as the recipe has it."""
    ratio = (feedforward or 1) / (arm.recipe.model.feedforward or 4 * width)
    return max(ratio, 1 / ratio)
