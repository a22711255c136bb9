"""The machine's own limit: its name, and how fast it multiplies matrices."""

import os
import platform
import time
from pathlib import Path

import torch

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}
SIZES = {"cpu": (1024, 2048), "cuda": (4096, 8192)}


def machine(device: torch.device) -> str:
    """Processor, cores that this process may use, threads and the version of torch, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    graphics = f"{torch.cuda.get_device_name(device)}, " if device.type == "cuda" else ""
    return f"{graphics}{_processor()}, cores {cores}, threads {torch.get_num_threads()}, torch {torch.__version__}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def peak(precision: str, *, seconds: float, device: torch.device) -> float:
    """FLOP/s of products of two square matrices: the better of two sizes, each measured for half of `seconds`."""
    return max(
        _rate(size, PRECISIONS[precision], seconds=seconds / len(SIZES[device.type]), device=device)
        for size in SIZES[device.type]
    )


def _rate(size: int, dtype: torch.dtype, *, seconds: float, device: torch.device) -> float:
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    product = left @ right
    synchronise(device)
    started, done = time.perf_counter(), 0
    while done == 0 or time.perf_counter() - started < seconds:
        torch.mm(left, right, out=product)
        synchronise(device)
        done += 1
    return done * 2 * size**3 / (time.perf_counter() - started)


def synchronise(device: torch.device) -> None:
    """Waits until the work handed to `device` is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
