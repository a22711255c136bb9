"""Tiny runs of every kind that a page shows, trained in seconds."""

from pathlib import Path

from running import tiny, trained

HYBRID = "attention | lstm"


def every_kind(book: Path, folder: Path) -> list[Path]:
    """Masked models, a causal one, a classifier, one for pairs of sentences and a tagger."""
    parity = {"name": "parity", "rows": 200, "longest": 8}
    words = {"kind": "words", "size": 16}
    recipes = {
        "hybrid": tiny(book, encoder=HYBRID, budget__steps=12),
        "lstm": tiny(book, budget__steps=12),
        "causal": tiny(book, task="clm", encoder=HYBRID, tokenizer__boundaries=True),
        "parity": tiny(book, task="classify", corpus=parity, tokenizer=words),
        "inference": tiny(book, task="siamese", corpus={"name": "inference", "rows": 60}, budget__steps=3),
        "speech": tiny(book, task="tag", corpus={"name": "parts-of-speech", "rows": 60}, data__length=40),
    }
    return [trained(recipe, folder / name) for name, recipe in recipes.items()]
