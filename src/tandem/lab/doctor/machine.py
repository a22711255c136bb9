"""What this machine is and has: processor, memory, disk, versions, extras."""

import importlib.metadata
import math
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch

from tandem.data.store import cache_folder

# What makes products of matrices fast, as the kernel and torch call it.
INSTRUCTIONS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "asimd", "bf16", "sve")
CONTROL_GROUP = Path("/sys/fs/cgroup")
SHOWN_VERSIONS = ("tandem", "torch", "numpy", "tokenizers", "safetensors")


@dataclass(frozen=True)
class Machine:
    """Sizes are in bytes; `extras` says of each optional set of libraries which of its packages lack."""

    processor: str
    graphics: str | None
    cores: int
    threads: int
    instructions: tuple[str, ...]
    memory_free: int | None
    disk_free: dict[str, int]
    versions: dict[str, str]
    extras: dict[str, tuple[str, ...]]


def look_around() -> Machine:
    """What is there now; nothing is measured and nobody is asked."""
    graphics = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    folders = {"runs": Path.cwd(), "cache": _existing(cache_folder())}
    return Machine(
        processor=processor(),
        graphics=graphics,
        cores=cores(),
        threads=torch.get_num_threads(),
        instructions=_instructions(),
        memory_free=_memory_free(),
        disk_free={name: shutil.disk_usage(folder).free for name, folder in folders.items()},
        versions=versions(),
        extras=_extras(),
    )


def machine(device: torch.device) -> str:
    """Processor, cores that this process may use, threads and the version of torch, in one line."""
    graphics = f"{torch.cuda.get_device_name(device)}, " if device.type == "cuda" else ""
    return f"{graphics}{processor()}, cores {cores()}, threads {torch.get_num_threads()}, torch {torch.__version__}"


def versions() -> dict[str, str]:
    """Of Python and of the packages that can change a number."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in SHOWN_VERSIONS}


def processor() -> str:
    """The name of the processor, as far as the system tells it."""
    return _told_by_kernel("model name") or platform.processor() or platform.machine()


def cores() -> int:
    """Those that this process may use, or as many as a container gets the time of where those are fewer."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        limit, period = (CONTROL_GROUP / "cpu.max").read_text(encoding="utf-8").split()
    except OSError:
        return cores
    return cores if limit == "max" else min(cores, math.ceil(int(limit) / int(period)))


def _told_by_kernel(key: str) -> str:
    """What /proc/cpuinfo says of the first core; nothing on systems that have no such file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _instructions() -> tuple[str, ...]:
    words = set((_told_by_kernel("flags") or _told_by_kernel("Features")).split())
    return tuple(name for name in INSTRUCTIONS if name in words)


def _memory_free() -> int | None:
    """What the machine has, or what a container is left with where that is less."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    free = [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return min([*free, *_left_by_group(CONTROL_GROUP)], default=None)


def _left_by_group(folder: Path) -> list[int]:
    """The bytes that a control group may still take, at most one number; none where nobody limits it.

    What it keeps of files that were read is counted as free, as the kernel does for the whole machine.
    """
    try:
        limit, used, counted = (
            (folder / name).read_text(encoding="utf-8") for name in ("memory.max", "memory.current", "memory.stat")
        )
    except OSError:
        return []
    if limit.strip() == "max":
        return []
    kept = dict(line.split() for line in counted.splitlines())["inactive_file"]
    return [max(0, int(limit) - int(used) + int(kept))]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.is_dir())


def _extras() -> dict[str, tuple[str, ...]]:
    installed = {_plain(found.metadata["Name"]) for found in importlib.metadata.distributions()}
    lacking: dict[str, tuple[str, ...]] = {}
    for requirement in importlib.metadata.requires("tandem") or []:
        found = re.match(r"([\w.-]+)(?:\[.*\])?[^;]*;.*extra == [\"']([\w-]+)[\"']", requirement)
        if found and found[1] != "tandem" and found[2] != "dev":
            before = lacking.get(found[2], ())
            lacking[found[2]] = before if _plain(found[1]) in installed else (*before, found[1])
    return lacking


def _plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
