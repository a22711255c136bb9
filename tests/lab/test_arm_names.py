"""Names of runs: the encoder, and no more of what differs than tells equal ones apart."""

from pathlib import Path
from typing import Any

import pytest
from running import tiny

from tandem.lab.arm_names import arm_names


def names(book: Path, *changes: dict[str, Any]) -> list[str]:
    return arm_names([tiny(book, **change) for change in changes])


def test_encoders_that_differ_need_no_more(book: Path) -> None:
    assert names(book, {"encoder": "lstm"}, {"encoder": "gru", "optimiser__name": "muon"}) == ["lstm", "gru"]


def test_seeds_and_samples_are_no_names(book: Path) -> None:
    assert names(book, {"seed": 1}, {"seed": 2, "samples": ["The [MASK] blows."]}) == ["lstm", "lstm"]


@pytest.mark.parametrize(
    "change", [{"model__width": 32}, {"optimiser__name": "muon"}, {"tokenizer__size": 80}], ids=str
)
def test_equal_encoders_are_told_apart_by_the_key_that_differs(change: dict[str, Any], book: Path) -> None:
    (key, value), *_ = change.items()
    plain, named, other = names(book, {}, change, {"encoder": "cnn", **change})
    assert other == "cnn"
    assert named == f"lstm, {key.replace('__', '.')}={value}"
    assert plain.startswith(f"lstm, {key.replace('__', '.')}=")


def test_where_weights_come_from_stands_before_what_else_differs(book: Path) -> None:
    first, second = names(book, {"init": "runs/a", "model__width": 32}, {"init": "runs/b", "model__width": 64})
    assert (first, second) == ("lstm, init=runs/a", "lstm, init=runs/b")
