"""Finished runs to ask."""

from pathlib import Path

import pytest
from running import tiny, trained


@pytest.fixture(scope="session")
def words_run(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hybrid on whole words, whose mask is written [mask]."""
    recipe = tiny(book, encoder="attention | lstm", budget__steps=40, optimiser__learning_rate=0.01)
    return trained(recipe, tmp_path_factory.mktemp("words") / "run")


@pytest.fixture(scope="session")
def pieces_run(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An attention model on word pieces, whose mask is written [MASK]."""
    recipe = tiny(book, encoder="attention", tokenizer__kind="wordpiece", tokenizer__size=120, seed=3)
    return trained(recipe, tmp_path_factory.mktemp("pieces") / "run")


@pytest.fixture(scope="session")
def classes_run(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier that tells an even number of ones from an odd one, badly."""
    corpus = {"name": "parity", "rows": 200, "longest": 8}
    recipe = tiny(book, task="classify", corpus=corpus, tokenizer={"kind": "words", "size": 16}, budget__steps=12)
    return trained(recipe, tmp_path_factory.mktemp("classes") / "run")
