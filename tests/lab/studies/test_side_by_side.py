"""Work in several processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from tandem.core.errors import DataError, ResourceError
from tandem.lab.events import Event, Notice
from tandem.lab.studies.side_by_side import side_by_side


@dataclass(frozen=True)
class Say:
    """Says how many threads it has and in which process it is, waits, and ends in a way of its own."""

    end: str = ""
    seconds: float = 0.0
    weight: str = ""

    def __call__(self) -> Iterator[Event]:
        yield Notice(f"{torch.get_num_threads()} {os.getpid()}")
        time.sleep(self.seconds)
        if self.end == "error":
            raise DataError("gone: no such text")
        if self.end == "fault":
            raise KeyError("ours")
        if self.end == "killed":
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGKILL)
        yield Notice("done")


def test_all_work_is_done_by_as_many_processes_of_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    said: dict[int, list[str]] = {}
    for number, event in side_by_side([Say(seconds=0.2)] * 5, 2):
        assert isinstance(event, Notice)
        said.setdefault(number, []).append(event.text)
    assert sorted(said) == [0, 1, 2, 3, 4]
    assert {texts[0].split()[0] for texts in said.values()} == {"1"}
    assert len({texts[0].split()[1] for texts in said.values()} | {str(os.getpid())}) in (2, 3)
    assert {texts[1] for texts in said.values()} == {"done"}
    assert os.environ["OMP_NUM_THREADS"] == "2"


def test_an_error_of_one_ends_all_with_its_message() -> None:
    started = time.monotonic()
    with pytest.raises(DataError, match="gone: no such text"):
        list(side_by_side([Say("error"), Say(seconds=300)], 2))
    assert time.monotonic() - started < 200


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(ResourceError, match=r"ended with code -9; was memory short\?"):
        list(side_by_side([Say("killed")], 1))


def test_a_fault_of_ours_is_not_taken_for_a_want_of_memory(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="its traceback stands above"):
        list(side_by_side([Say("fault")], 1))
    assert "KeyError: 'ours'" in capfd.readouterr().err


ENDS = """
from test_side_by_side import Say, side_by_side
from tandem.core.errors import DataError
if __name__ == "__main__":
    try:
        list(side_by_side([Say("error")] + [Say(weight="x" * 10_000)] * 100, 2))
    except DataError:
        print("refused")
"""


def test_work_that_nobody_takes_any_more_does_not_keep_the_process(tmp_path: Path) -> None:
    # More than a pipe holds: a process that waits until all of it is read never ends.
    (tmp_path / "ends.py").write_text(ENDS, encoding="utf-8")
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(
        [sys.executable, str(tmp_path / "ends.py")], env={**os.environ, "PYTHONPATH": paths}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (0, "refused\n"), ended.stderr
