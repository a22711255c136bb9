"""Public data sets in the Hugging Face hub's layout: from the hub itself or from a local mirror of it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tandem.core.errors import DataError, UsageError

MIRROR = "TANDEM_MIRROR"


def mirrored(identifier: str) -> Path | None:
    """The folder that holds `identifier` under the mirror named by TANDEM_MIRROR; None where no mirror is named.

    Raises:
        DataError: a mirror is named, and the data set is not in it.
    """
    mirror = os.environ.get(MIRROR)
    if not mirror:
        return None
    folder = Path(mirror) / identifier
    if not folder.is_dir():
        raise DataError(f"{identifier}: not in the mirror {mirror} (set by {MIRROR}); expected the folder {folder}")
    return folder


def identity(identifier: str) -> str:
    """Names the content that `rows` would read: the mirror's files with their sizes and times, or the hub's id."""
    folder = mirrored(identifier)
    if folder is None:
        return f"hub:{identifier}"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "mirror:" + ";".join(
        f"{path.relative_to(folder)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files
    )


def rows(identifier: str, split: str) -> Iterator[dict[str, Any]]:
    """The rows of one split as dictionaries, read batch by batch.

    Raises:
        UsageError: the extra `hub` is not installed.
        DataError: the data set or the split cannot be had.
    """
    try:
        import datasets
    except ModuleNotFoundError:
        raise UsageError(
            f"{identifier}: reading public data sets needs the extra hub: pip install -e '.[hub]' in the clone"
        ) from None
    datasets.disable_progress_bars()
    folder = mirrored(identifier)
    try:
        loaded = datasets.load_dataset(str(folder or identifier), split=split, streaming=True)
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        place = f"the mirror {folder}" if folder else f"the hub (or set {MIRROR} to a local mirror)"
        raise DataError(f"{identifier}: split {split} cannot be read from {place}: {reason}") from None
    yield from loaded
