"""Every exit code through the real command by a real cause: one line, no traceback, nothing half-written.

130 and 143, where a run goes on afterwards, stand in tests/train/test_stopping.py.
"""

import json
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from running import left_half_written, tandem, written

from tandem.core.files import owned

Process = subprocess.CompletedProcess[str]


def assert_one_line(done: Process, code: int, kind: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(f"{kind}: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout + done.stderr


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def at_most(size: int) -> Callable[[], None]:
    """In the new process no file may grow beyond `size` bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_0_a_command_that_did_what_it_was_asked_for(tmp_path: Path) -> None:
    done = tandem("describe", "lstm", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_2_a_mistyped_key_of_a_recipe(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", book, model__widht=3)
    done = tandem("train", "mine.toml", cwd=tmp_path)
    assert_one_line(done, 2, "UsageError")
    assert 'mine.toml: unknown key "model.widht"; did you mean "width"?' in done.stderr
    assert files(tmp_path) == {"mine.toml"}


def test_3_a_text_that_is_not_there(tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", tmp_path / "none.txt")
    assert_one_line(tandem("train", "mine.toml", cwd=tmp_path), 3, "DataError")
    assert files(tmp_path) == {"mine.toml"}


def test_4_a_disk_that_is_full_when_the_text_is_prepared(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", book)
    cache = tmp_path / "cache"
    done = tandem("train", "mine.toml", cwd=tmp_path, before=at_most(2000), TANDEM_CACHE=str(cache))
    assert_one_line(done, 4, "ResourceError")
    assert "no room left on the disk" in done.stderr
    assert not (tmp_path / "runs").exists()
    assert not left_half_written(cache)
    assert {Path(name).name for name in files(cache)} <= {".lock"}


def test_4_a_disk_that_is_full_when_a_checkpoint_is_saved_and_later_is_not(
    book: Path, finished: Path, tmp_path: Path
) -> None:
    written(tmp_path / "mine.toml", book, train__checkpoint_seconds=0.0, budget__steps=3)
    # Room for everything but the state of the optimiser, the largest file.
    (room,) = [path.stat().st_size - 1 for path in finished.glob("checkpoints/step-3/optimiser.safetensors")]
    done = tandem("train", "mine.toml", cwd=tmp_path, before=at_most(room))
    assert_one_line(done, 4, "ResourceError")
    assert "checkpoints/step-1" in done.stderr
    run = tmp_path / "runs/mine"
    assert files(run) == {".lock", "config.toml", "tokenizer.json", "machine.json", "log.jsonl", "timings.jsonl"}
    assert not list((run / "checkpoints").iterdir())
    assert [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()] == [0, 1]
    # With room again the same command goes on, to the same weights as if nothing had happened.
    assert tandem("train", "mine.toml", cwd=tmp_path).returncode == 0
    assert (run / "weights.safetensors").read_bytes() == (finished / "weights.safetensors").read_bytes()


def test_4_a_model_that_no_memory_can_hold(book: Path, tmp_path: Path) -> None:
    # The embedding takes 128 MiB, the first matrix of the body 128 TiB: all that a process can address.
    written(tmp_path / "mine.toml", book, model__width=2**22, tokenizer__size=8)
    assert_one_line(tandem("train", "mine.toml", cwd=tmp_path), 4, "ResourceError")
    assert files(tmp_path) == {"mine.toml"}


def test_5_a_loss_that_is_no_number(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", book, optimiser__learning_rate=1e30, budget__steps=50)
    done = tandem("train", "mine.toml", cwd=tmp_path)
    assert_one_line(done, 5, "DivergedError")
    assert "lower optimiser.learning_rate" in done.stderr
    log = (tmp_path / "runs/mine/log.jsonl").read_text()
    assert all(json.loads(line, parse_constant=pytest.fail) for line in log.splitlines())
    assert "scores.json" not in files(tmp_path / "runs/mine")
    assert not left_half_written(tmp_path)


def test_6_a_run_that_has_not_finished(finished: Path, tmp_path: Path) -> None:
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "scores.json").unlink()
    done = tandem("evaluate", run, cwd=tmp_path)
    assert_one_line(done, 6, "ArtifactError")
    assert "has not finished; repeat its train command" in done.stderr


def test_7_a_folder_in_which_another_process_works(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", book)
    with owned(tmp_path / "runs/mine"):
        done = tandem("train", "mine.toml", cwd=tmp_path)
    assert_one_line(done, 7, "BusyError")
    assert files(tmp_path / "runs/mine") == {".lock"}
