"""Which of the user's files train, validate and test."""

import re
from collections.abc import Mapping
from pathlib import Path

from tandem.core.errors import DataError, UsageError
from tandem.text.readers.formats import named_format
from tandem.text.splits import SPLITS

NAMES = {
    "train": "train", "training": "train", "validation": "validation", "valid": "validation", "val": "validation",
    "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip
# `datasets` writes these beside its tables.
DESCRIPTIONS = {"dataset_info.json", "dataset_dict.json", "state.json"}


def chosen(path: Path, own: Mapping[str, Path]) -> tuple[dict[str, list[Path]], list[Path]]:
    """The files of each split: those under `path`, and those that the user named; and which of a folder are left out.

    A split without files is to be a share of the training text. A folder with files or folders called train, and
    others called validation, valid, val, dev or test, is split by these names.

    Raises:
        DataError: a path does not exist, is no regular file, or is a folder without a readable one.
        UsageError: a folder holds files of several formats.
    """
    found, others = _files(path)
    by_name: dict[str, list[Path]] = {split: [] for split in SPLITS}
    unnamed: list[Path] = []
    for file in found:
        first = file.relative_to(path).parts[0] if file != path else ""
        word = re.match(r"[a-z]*", first.lower())
        split = NAMES.get(word[0] if word else "")
        (by_name[split] if split else unnamed).append(file)
    if not by_name["train"] or not (by_name["validation"] or by_name["test"]):
        by_name, unnamed = {**{split: [] for split in SPLITS}, "train": found}, []
    for split, named in own.items():
        by_name[split], more = _files(named)
        others += more
    return by_name, sorted([*unnamed, *others])


def _files(path: Path) -> tuple[list[Path], list[Path]]:
    """`path` itself, or the files of one format in a folder; and the others there, hidden ones left out. Sorted."""
    if not path.exists():
        raise DataError(f"{path} does not exist")
    if path.is_file():
        return [path], []
    if not path.is_dir():
        raise DataError(f"{path}: no regular file, and text is read more than once; save it as a file first")
    inside = [file for file in sorted(path.rglob("*")) if file.is_file() and file.name not in DESCRIPTIONS]
    formats: dict[str, list[Path]] = {}
    others: list[Path] = []
    for file in inside:
        named = named_format(file)
        if any(part.startswith(".") for part in file.relative_to(path).parts):
            continue
        if named is None:
            others.append(file)
        else:
            formats.setdefault("jsonl" if named == "json" else named, []).append(file)
    if not formats:
        raise DataError(f"no .txt file under {path}, and no table (csv, tsv, jsonl, json, parquet or arrow)")
    if len(formats) > 1:
        counted = ", ".join(f"{len(files)} {name}" for name, files in sorted(formats.items()))
        raise UsageError(
            f"{path}: holds files of several formats ({counted}); name a file, or a folder with one format"
        )
    return next(iter(formats.values())), others
