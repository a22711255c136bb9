"""The recipe of a model that a benchmark trains."""

import argparse
from typing import Any

from tandem.core.config import Recipe, checked_recipe


def recipe_of(encoder: str, options: argparse.Namespace, *, more: dict[str, Any]) -> Recipe:
    """`encoder` with the width, the vocabulary and the text that `options` name; `more` adds keys and keys of tables.

    Raises:
        UsageError: the options make no recipe.
    """
    content: dict[str, Any] = {
        "encoder": encoder,
        "corpus": {"name": "file", "path": str(options.text)} if options.text else {"name": "sotu"},
        "model": {"width": options.width, "feedforward": 4 * options.width},
        "tokenizer": {"size": options.vocabulary},
    }
    for key, value in more.items():
        content[key] = content.get(key, {}) | value if isinstance(value, dict) else value
    return checked_recipe(content, where="benchmark")
