import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tandem.core.errors import BusyError, UsageError
from tandem.core.files import atomic_file, is_owned, owned, remove, write_atomic, write_json, write_synced

HOLDER = """
import pathlib, sys
from tandem.core.files import owned
folder = pathlib.Path(sys.argv[1])
with owned(folder):
    print("held", flush=True)
    sys.stdin.read()
    (folder / "finished").touch()
"""

FULL_DISK = """
import pathlib, resource, sys
from tandem.core import files
from tandem.core.errors import TandemError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    getattr(files, sys.argv[2])(pathlib.Path(sys.argv[1]), b"x" * 5000)
except TandemError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process that holds `tmp_path` until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_the_folders_above_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "text"
    write_atomic(path, "größe")
    assert path.read_bytes() == "größe".encode()
    assert names(path.parent) == ["text"]


def test_readers_see_the_old_content_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "text"
    write_atomic(path, b"old")
    with atomic_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["text"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_the_old_content_and_nothing_beside_it(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "text"
    write_atomic(path, b"old")

    def half() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        half()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["text"]


def test_a_file_cannot_take_the_place_of_a_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomic(tmp_path / "taken", b"content")
    assert names(tmp_path) == ["taken"]


def test_a_file_cannot_lie_in_a_file(tmp_path: Path) -> None:
    write_atomic(tmp_path / "text", b"old")
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomic(tmp_path / "text" / "inside", b"content")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_json_is_refused_before_the_old_content_goes(tmp_path: Path, number: float) -> None:
    write_json(tmp_path / "scores.json", {"loss": 1.5})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "scores.json", {"loss": number})
    assert (tmp_path / "scores.json").read_text() == '{\n  "loss": 1.5\n}\n'


@pytest.mark.parametrize(("writer", "left"), [("write_atomic", ["text"]), ("write_synced", [])])
def test_a_full_disk_is_named_and_leaves_nothing_half_written(tmp_path: Path, writer: str, left: list[str]) -> None:
    path = tmp_path / "text"
    write_synced(path, b"old")
    command = [sys.executable, "-c", FULL_DISK, str(path), writer]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (4, "")
    assert f"{path}: no room left on the disk" in done.stdout
    assert names(tmp_path) == left
    assert all((tmp_path / name).read_bytes() == b"old" for name in left)


def test_a_folder_that_another_process_holds_is_busy(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    with pytest.raises(BusyError, match="another process is working in this folder"), owned(tmp_path):
        pass


def test_whether_a_folder_is_owned_can_be_asked_and_hinders_no_owner(
    tmp_path: Path, holder: "subprocess.Popen[str]"
) -> None:
    assert is_owned(tmp_path)
    holder.kill()
    holder.wait()
    assert not is_owned(tmp_path)
    assert not is_owned(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    with (tmp_path / ".lock").open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        threading.Timer(0.05, fcntl.flock, (asking, fcntl.LOCK_UN)).start()
        with owned(tmp_path):
            pass


def test_a_lock_ends_with_its_process_even_a_killed_one(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    holder.kill()
    holder.wait()
    with owned(tmp_path):
        assert not (tmp_path / "finished").exists()


def test_one_who_waits_comes_in_after_the_owner_has_finished(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    assert holder.stdin
    release = threading.Timer(0.2, holder.stdin.close)
    release.start()
    with owned(tmp_path, wait=True):
        assert (tmp_path / "finished").exists()
    release.join()


def test_a_folder_is_free_again_after_an_error_inside(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), owned(tmp_path / "new"):
        raise ValueError("inside")
    with owned(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()


def test_removing_takes_files_folders_and_links_but_not_what_links_point_to(tmp_path: Path) -> None:
    write_atomic(tmp_path / "kept" / "text", b"x")
    write_atomic(tmp_path / "folder" / "inside" / "text", b"x")
    write_atomic(tmp_path / "file", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("folder", "file", "link", "absent"):
        remove(tmp_path / name)
    assert names(tmp_path) == ["kept"]
    assert (tmp_path / "kept" / "text").exists()
