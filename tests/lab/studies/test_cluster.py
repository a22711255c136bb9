"""Work as jobs, on the executor that needs no cluster."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tandem.core.errors import DataError, UsageError
from tandem.lab.events import Event, Finished, Notice
from tandem.lab.folder import RunFolder
from tandem.lab.studies.cluster import on_cluster

pytest.importorskip("submitit", reason="the extra cluster is not installed")
pytestmark = pytest.mark.usefixtures("collected")


@dataclass(frozen=True)
class Write:
    """Writes down in which process it is."""

    path: Path
    fails: bool = False

    def __call__(self) -> Iterator[Event]:
        yield Notice("begun")
        if self.fails:
            raise DataError(f"{self.path}: no such text")
        self.path.mkdir()
        (self.path / "process").write_text(str(os.getpid()))
        yield Finished(RunFolder(self.path))


def test_every_work_is_a_job_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    work = [Write(tmp_path / name) for name in ("a", "b")]
    ended = dict(on_cluster(work, "local", tmp_path / "jobs", seconds=0.1))
    assert {number: event.folder.path for number, event in ended.items() if isinstance(event, Finished)} == {
        number: each.path for number, each in enumerate(work)
    }
    assert len({(each.path / "process").read_text() for each in work} | {str(os.getpid())}) == 3


def test_an_error_of_a_job_is_ours_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with pytest.raises(DataError, match=r"a: no such text$"):
        list(on_cluster([Write(tmp_path / "a", fails=True)], "local", tmp_path / "jobs", seconds=0.1))


def test_an_option_that_slurm_has_not_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--slurm: Unknown argument 'partiton' for executor 'slurm'"):
        next(on_cluster([Write(tmp_path / "a")], "local", tmp_path / "jobs", options={"partiton": "gpu"}))
