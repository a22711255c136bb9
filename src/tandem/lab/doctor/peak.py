"""How fast this machine multiplies matrices: the limit of every training on it."""

import time

import torch

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}
SIZES = {"cpu": (1024, 2048), "cuda": (4096, 8192)}


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
