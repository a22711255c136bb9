"""How far a layer in bfloat16 is from the same layer in float32."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tandem.lab.doctor.layers import Trial

LAYERS, BATCH = 2, 4


@dataclass(frozen=True)
class Distance:
    """|bf16 - fp32| / |fp32| of what a layer gives, and of the gradient of its weights; bfloat16 rounds to 0.004."""

    output: float
    gradient: float


def parity(mixers: list[str], *, device: torch.device) -> dict[str, list[Distance]]:
    """For each mixer the distance of each of two layers, from the input on."""
    return {name: _of(Trial(name, layers=LAYERS, batch=BATCH, device=device)) for name in mixers}


def _of(trial: Trial) -> list[Distance]:
    exact, rough = (trial.traced(precision) for precision in ("fp32", "bf16"))
    return [
        Distance(*(_relative(theirs, ours) for theirs, ours in zip(*pair, strict=True)))
        for pair in zip(exact, rough, strict=True)
    ]


def _relative(exact: Tensor, rough: Tensor) -> float:
    return float((rough.float() - exact).norm() / exact.norm().clamp(min=1e-30))
