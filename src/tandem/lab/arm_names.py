"""What runs of a comparison are called: by their encoders, and where these are equal by what else differs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tandem.core.config import Recipe

ORDER = ("init", "transfer", "objective", *Recipe.model_fields)
"""What tells runs apart first: where their weights come from, and what they are trained to do."""
NO_NAME = {"encoder", "seed", "samples"}


def arm_names(recipes: Sequence[Recipe]) -> list[str]:
    """A name for each recipe: its encoder, then of the keys in which equal names differ no more than are needed."""
    tables = [_flat(recipe) for recipe in recipes]
    names = [recipe.encoder for recipe in recipes]
    keys = dict.fromkeys(key for table in tables for key in table)
    for key in sorted(keys, key=lambda key: ORDER.index(key.partition(".")[0])):
        named = list(zip(names, (_shown(table.get(key)) for table in tables), strict=True))
        # A name that stands for two values stands for two runs that this key tells apart.
        counts = Counter(name for name, _ in set(named))
        names = [f"{name}, {key}={value}" if value and counts[name] > 1 else name for name, value in named]
    return names


def _flat(recipe: Recipe) -> dict[str, Any]:
    """The recipe as one table: `{"init": "scratch", "model.width": 128}`."""
    found: dict[str, Any] = {}
    for name, value in recipe.model_dump(mode="json", exclude=NO_NAME).items():
        found |= {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
    return found


def _shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
