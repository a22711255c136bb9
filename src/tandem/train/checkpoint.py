"""Checkpoints that are whole or not there, and are checked before they are used."""

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from tandem.core.errors import ArtifactError, disk_errors
from tandem.core.files import remove, sync_folder, write_synced

KEPT = 2
MANIFEST = "manifest.json"
WEIGHTS, OPTIMISER, STATE = "weights.safetensors", "optimiser.safetensors", "state.json"


def save_checkpoint(
    folder: Path, step: int, *, weights: dict[str, Tensor], optimiser: dict[str, Tensor], state: dict[str, Any]
) -> Path:
    """Writes `folder/step-N` and removes all but it and the one before.

    Every file is on the disk before the manifest, with sizes and SHA-256, is; then the folder is renamed. There is no
    pointer to the latest: the highest step whose manifest verifies is the latest. A later checkpoint than the one
    being written is a damaged one that was passed over, and goes too.

    Raises:
        ResourceError: the disk is full; the earlier checkpoints stay.
    """
    final = folder / f"step-{step}"
    unfinished = folder / f"step-{step}.tmp"
    contents = {
        WEIGHTS: tensor_bytes(weights),
        OPTIMISER: tensor_bytes(optimiser),
        STATE: json.dumps(state, allow_nan=False).encode(),
    }
    manifest = {
        "step": step,
        "files": {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()
        },
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
        "threads": torch.get_num_threads(),
    }
    with disk_errors(final):
        try:
            remove(unfinished)
            unfinished.mkdir(parents=True)
            for name, data in contents.items():
                write_synced(unfinished / name, data)
            write_synced(unfinished / MANIFEST, json.dumps(manifest, indent=2).encode())
            sync_folder(unfinished)
            remove(final)
            os.replace(unfinished, final)
            sync_folder(folder)
        finally:
            remove(unfinished)
    steps = _steps(folder)
    kept = [number for number in steps if number <= step][:KEPT]
    for number in set(steps) - set(kept):
        remove(folder / f"step-{number}")
    return final


def load_latest(folder: Path) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any], list[str]] | None:
    """Weights, optimiser state and state of the newest checkpoint that verifies; None where there is no checkpoint.

    The last item says, in a line each, which newer checkpoints were passed over because they are damaged.

    Raises:
        ArtifactError: there are checkpoints, and every one is damaged.
    """
    damaged: list[str] = []
    for step in _steps(folder):
        path = folder / f"step-{step}"
        problem = verify(path)
        if problem is None:
            weights = safetensors.torch.load((path / WEIGHTS).read_bytes())
            optimiser = safetensors.torch.load((path / OPTIMISER).read_bytes())
            return weights, optimiser, json.loads((path / STATE).read_text(encoding="utf-8")), damaged
        damaged.append(f"{path} is damaged: {problem}")
    if damaged:
        raise ArtifactError(f"no checkpoint is whole: {'; '.join(damaged)}; delete {folder.parent} to start again")
    return None


def verify(path: Path) -> str | None:
    """What is wrong with the checkpoint folder `path`, or None."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        expected = {
            name: (manifest["files"][name]["size"], manifest["files"][name]["sha256"])
            for name in (WEIGHTS, OPTIMISER, STATE)
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        return f"no readable manifest ({error})"
    for name, (size, digest) in expected.items():
        try:
            data = (path / name).read_bytes()
        except OSError as error:
            return f"{name}: {error.strerror}"
        if len(data) != size:
            return f"{name} has {len(data)} bytes instead of {size}"
        if hashlib.sha256(data).hexdigest() != digest:
            return f"{name} does not have the recorded SHA-256"
    return None


def tensor_bytes(tensors: dict[str, Tensor]) -> bytes:
    """The tensors in the safetensors format."""
    return safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def _steps(folder: Path) -> list[int]:
    """The steps of all checkpoints, newest first."""
    numbers = [path.name.removeprefix("step-") for path in folder.glob("step-*")]
    return sorted((int(number) for number in numbers if number.isdigit()), reverse=True)
