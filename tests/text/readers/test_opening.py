"""Packed files are read as if they were not, whatever they are called."""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tables import PACKINGS, zstd

from tandem.core.errors import DataError, UsageError
from tandem.text.readers.opening import head, opened, seekable

CONTENT = b"".join(b"line %d of the text\n" % number for number in range(5000))


Pack = Callable[[bytes], bytes]

pyarrow = pytest.importorskip("pyarrow", reason="the extra tables is not installed")


def read(path: Path) -> bytes:
    with opened(path) as file:
        return file.read()


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=["plain", "gz", "zst"])
@pytest.mark.parametrize("name", ["text.gz", "text.csv", "text"])
def test_the_content_decides_how_a_file_is_unpacked(pack: Pack, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(pack(CONTENT))
    assert read(path) == CONTENT
    assert head(path, 6) == b"line 0"
    with seekable(path) as file:
        assert isinstance(file, pyarrow.NativeFile), "pyarrow's threads would hold a file of Python's while it ends"
        file.seek(-5, 2)
        assert file.read() == b"text\n"


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_packed_files_one_behind_the_other_are_one(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(pack(b"one\n") + pack(b"two\n"))
    assert read(path) == b"one\ntwo\n"


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:-4], lambda b: b[:40] + b"\7" * 60 + b[99:]]
)
def test_cut_and_damaged_packings_are_errors_of_the_data(pack: Pack, damage: Pack, tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(damage(pack(CONTENT)))
    with pytest.raises(DataError, match=r"text\.gz: .*(cut|damaged).*copy or download it again"):
        read(path)


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: No such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(DataError, match=r": Is a directory"):
        read(tmp_path)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text.zst"
    path.write_bytes(zstd(CONTENT))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"text\.zst: needs the extra tables: pip install"):
        read(path)
