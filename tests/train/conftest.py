"""Uninterrupted runs that interrupted ones must equal."""

from pathlib import Path
from typing import Any

import pytest
from running import tandem, written
from same_bits import STEPS

EVERY_STEP: dict[str, Any] = {"budget__steps": STEPS, "train__checkpoint_seconds": 0.0, "train__evaluate_every": 0.2}
RECIPES: dict[str, dict[str, Any]] = {
    "lstm": {"encoder": "lstm"},
    "attention": {"encoder": "attention"},
    "hybrid": {"encoder": "attention | lstm"},
    "muon": {"encoder": "lstm > attention", "optimiser__name": "muon", "train__precision": "bf16"},
}


@pytest.fixture(scope="session")
def workplace(book: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder with the recipes, and with their runs, each trained without a pause, in `runs`."""
    folder = tmp_path_factory.mktemp("workplace")
    changes = {**EVERY_STEP, "samples": ["The [MASK] wind blows."], "model__dropout": 0.1}
    names = RECIPES if pytestconfig.getoption("--all-cases") else ("hybrid", "muon")
    recipes = [written(folder / f"{name}.toml", book, **changes, **RECIPES[name]) for name in names]
    done = tandem("compare", *recipes, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder
