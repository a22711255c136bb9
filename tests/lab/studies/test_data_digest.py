"""Runs that read the same, and runs that do not."""

from pathlib import Path

import pytest
from running import tiny

from tandem.core.config import Recipe
from tandem.lab.assemble import assemble
from tandem.lab.studies.digest import DataDigest, data_digest


def digest(recipe: Recipe) -> DataDigest:
    assembly = assemble(recipe)
    return data_digest(recipe, assembly.objective, assembly.store)


@pytest.mark.parametrize("task", ["mlm", "clm"])
def test_the_encoder_changes_nothing_of_what_is_read(task: str, book: Path) -> None:
    changes = {"task": task, "model__width": 8, "tokenizer__boundaries": True}
    lstm, attention = (digest(tiny(book, encoder=name, **changes)) for name in ("lstm", "attention*2"))
    assert lstm == attention
    assert lstm.differences(attention) == []


@pytest.mark.parametrize(
    ("changes", "different"),
    [
        ({"seed": 1}, ["order", "inputs"]),
        ({"objective": {"rate": 0.2}}, ["inputs"]),
        ({"tokenizer__size": 40}, ["tokenizer", "inputs"]),
        ({"train__batch_tokens": 128}, ["order", "inputs"]),
        ({"data__length": 12}, ["order", "inputs"]),
    ],
    ids=str,
)
def test_what_differs_is_named(changes: dict[str, object], different: list[str], book: Path) -> None:
    assert digest(tiny(book)).differences(digest(tiny(book, **changes))) == different
