"""Files of a data set or a model on the Hugging Face hub: fetched once into its cache folder, and found there then."""

import functools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Literal, TypeVar

from tandem.core.errors import DataError, TandemError, UsageError, disk_errors

PATIENCE = 5.0
"""Seconds that the hub has to say what it holds."""

Kind = Literal["dataset", "model"]
INSTEAD = {"dataset": "name a local mirror: --mirror DIR or TANDEM_MIRROR=DIR", "model": "name its folder: hf:PATH"}

T = TypeVar("T")


def commit(identifier: str, revision: str) -> str:
    """The commit that `revision` of a data set is at: what the hub says or, if it cannot be asked, what it last said.

    Raises:
        UsageError: the extra `hub` is not installed. DataError: the hub cannot be asked, and nothing is in the cache.
    """
    return _asked(identifier, revision, "dataset")[0]


def fetched(identifier: str, revision: str, patterns: Sequence[str], *, kind: Kind = "dataset") -> Path:
    """The folder with the files of a data set or a model that match `patterns`; only what the cache lacks is fetched.

    Raises:
        What `commit` raises. DataError: a file cannot be fetched. ResourceError: the disk is full.
    """
    hub = _library(identifier)
    at, unreachable = _asked(identifier, revision, kind)
    try:
        with disk_errors(hub.constants.HF_HUB_CACHE):
            return _snapshot(hub, identifier, at, patterns, kind, local_files_only=unreachable is not None)
    except TandemError:
        raise
    except Exception as error:
        raise _unreadable(identifier, hub, unreachable or error, kind) from None


def cached(identifier: str, revision: str) -> Path | None:
    """The folder of a data set as it was last fetched, None where it never was: a look at the disk, without a library.

    Loading huggingface_hub takes longer than the whole list of corpora.
    """
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    cache = Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()
    kept = cache / f"datasets--{identifier.replace('/', '--')}"
    try:
        commit = (kept / "refs" / revision).read_text(encoding="utf-8").strip()
    except OSError:
        # A revision may be a commit itself.
        commit = revision
    folder = kept / "snapshots" / commit
    return folder if folder.is_dir() else None


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns.

    A thread does it, which is left behind when it takes too long: finding the address of a name obeys no time limit,
    and huggingface_hub 2.4 sets none when it asks for a commit.

    Raises:
        TimeoutError: it takes longer than `seconds`. What `call` raises.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return future.result(timeout=seconds)
    except TimeoutError as error:
        raise TimeoutError(str(error) or f"no answer within {seconds:g} s") from None


@functools.cache
def _asked(identifier: str, revision: str, kind: Kind) -> tuple[str, Exception | None]:
    """The commit, and why the hub could not be asked for it, None if it could.

    The hub is asked once a process, so that all of a run reads the same files.
    """
    hub = _library(identifier)

    def ask() -> Path:
        # A snapshot is quietly taken from the cache where the hub cannot be reached, and then 47 s go by until
        # huggingface_hub 2.4 gives up to fetch a file that lacks; this question says it at once.
        hub.HfApi().repo_info(identifier, revision=revision, repo_type=kind)
        # No file matches an empty list: this keeps the commit and its list of files, and fetches nothing.
        return _snapshot(hub, identifier, revision, [], kind)

    try:
        return within(PATIENCE, ask).name, None
    except Exception as error:
        try:
            return _snapshot(hub, identifier, revision, [], kind, local_files_only=True).name, error
        except Exception:
            raise _unreadable(identifier, hub, error, kind) from None


def _snapshot(
    hub: ModuleType,
    identifier: str,
    revision: str,
    patterns: Sequence[str],
    kind: Kind,
    *,
    local_files_only: bool = False,
) -> Path:
    return Path(
        hub.snapshot_download(
            identifier,
            repo_type=kind,
            revision=revision,
            allow_patterns=list(patterns),
            local_files_only=local_files_only,
        )
    )


def _library(identifier: str) -> ModuleType:
    try:
        hub, utils = import_module("huggingface_hub"), import_module("huggingface_hub.utils")
    except ModuleNotFoundError:
        raise UsageError(
            f"{identifier}: reading from the hub needs the extra hub: pip install -e '.[hub]' in the clone"
        ) from None
    utils.disable_progress_bars()
    utils.logging.set_verbosity_error()
    return hub


def _unreadable(identifier: str, hub: ModuleType, error: Exception, kind: Kind) -> DataError:
    cause = error.__cause__ or error
    reason = next(iter(str(cause).strip().splitlines()), type(cause).__name__).rstrip(".")
    return DataError(f"{identifier}: cannot be had from the hub {hub.constants.ENDPOINT} ({reason}); {INSTEAD[kind]}")
