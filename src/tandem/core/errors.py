"""Every error that Tandem raises on purpose, and the exit code it ends a command with.

    TandemError            1   a fault of ours
    ├── UsageError         2   a command, a recipe or an option is wrong
    ├── DataError          3   the input text is missing, empty or malformed
    ├── ResourceError      4   disk or memory is full
    ├── DivergedError      5   a loss or a gradient is no longer a finite number
    ├── ArtifactError      6   a run, a checkpoint or a store is damaged or incomplete
    ├── BusyError          7   another process owns the folder
    └── Stopped      130/143   Ctrl-C or SIGTERM: the step was finished and a checkpoint saved

The message of an error is one line that names the place, the value and what is legal there.
"""

import difflib
import errno
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class TandemError(Exception):
    """The root of the tree; `exit_code` is what the process ends with."""

    exit_code = 1


class UsageError(TandemError):
    """A command, a recipe or an option is wrong."""

    exit_code = 2


class DataError(TandemError):
    """The input text is missing, empty or malformed."""

    exit_code = 3


class ResourceError(TandemError):
    """Disk or memory is full."""

    exit_code = 4


class DivergedError(TandemError):
    """A loss or a gradient is no longer a finite number."""

    exit_code = 5


class ArtifactError(TandemError):
    """A run, a checkpoint or a store is damaged or incomplete."""

    exit_code = 6


class BusyError(TandemError):
    """Another process owns the folder."""

    exit_code = 7


class Stopped(TandemError):  # noqa: N818 - a stop on request is not an error
    """A signal asked for the end; the step was finished and a checkpoint saved."""

    def __init__(self, signal_number: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number
        self.signal_name = signal.Signals(signal_number).name


def suggestion(name: str, legal: Iterable[str]) -> str:
    """`; did you mean "lstm"?` for the nearest legal name, then the legal ones; never empty unless `legal` is."""
    return _hint(name, {str(choice): str(choice) for choice in legal})


def neighbours(path: Path, there: Iterable[Path]) -> str:
    """The `suggestion` of what lies where `path` should; the nearest by name, for paths in one folder are all alike."""
    return _hint(path.name, {other.name: str(other) for other in sorted(there)})


def _hint(name: str, legal: dict[str, str]) -> str:
    """`legal` gives each name as it is to be printed."""
    near = difflib.get_close_matches(name, legal, n=1, cutoff=0.5)
    hint = f'; did you mean "{legal[near[0]]}"?' if near else ""
    return f"{hint} (legal: {', '.join(legal.values())})" if legal else hint


def unknown(kind: str, name: str, legal: Iterable[str], where: str = "") -> UsageError:
    """The error for a name that nothing answers to, with the nearest one that exists."""
    place = f"{where}: " if where else ""
    return UsageError(f'{place}unknown {kind} "{name}"{suggestion(name, legal)}')


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EBUSY,
}  # fmt: skip


@contextmanager
def disk_errors(path: object) -> Iterator[None]:
    """Turns the operating system's refusals about `path` into ours.

    Raises:
        ResourceError: the disk, the quota or the permitted file size is used up.
        UsageError: the path may not be written or is not a folder.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise ResourceError(
                f"{path}: no room left on the disk ({error.strerror}); nothing half-written stays"
            ) from error
        if error.errno in REFUSED:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
        raise
