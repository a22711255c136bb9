"""A rehearsal takes steps for as long as one looks, and leaves nothing behind."""

import tempfile
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from running import tiny

from tandem.lab.events import Evaluated
from tandem.lab.rehearsal import rehearsal
from tandem.train.loop import Step


def test_it_goes_on_beyond_the_budget_and_its_folder_is_gone_afterwards(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryDirectory", partial(tempfile.TemporaryDirectory, dir=tmp_path))
    said: list[str] = []
    with rehearsal(tiny(book, budget__steps=2), say=said.append) as events:
        seen = list(islice((event for event in events if isinstance(event, Step | Evaluated)), 8))
        assert len(list(tmp_path.iterdir())) == 1
    assert [type(event) for event in seen] == [Evaluated, *[Step] * 7]
    assert list(tmp_path.iterdir()) == []
