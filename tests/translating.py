"""Small runs that translate made sequences."""

from pathlib import Path
from typing import Any

from running import trained

from tandem.core.config import Recipe, checked_recipe


def reversing(**changes: Any) -> Recipe:
    """A recipe that reverses up to four letters of five, and nearly learns it in 100 steps."""
    tables: dict[str, Any] = {
        "encoder": "gru",
        "task": "translate",
        "corpus": {"name": "reverse", "rows": 400, "shortest": 1, "longest": 4, "symbols": 5},
        "tokenizer": {"kind": "words", "size": 16, "boundaries": True},
        "objective": {"decoder": "recurrent[attention=dot]"},
        "data": {"length": 6},
        "model": {"width": 32, "dropout": 0.0},
        "optimiser": {"learning_rate": 1e-2},
        "budget": {"steps": 100},
        "train": {"batch_tokens": 512, "precision": "fp32", "evaluate_every": 1.0},
    }
    return checked_recipe({**tables, **changes}, where="test")


def reverser(folder: Path, **changes: Any) -> Path:
    """The folder of a finished run of `reversing`."""
    return trained(reversing(**changes), folder)
