"""Everything that is found out about a machine, and as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch

from tandem.core import parts
from tandem.lab.doctor.machine import Machine, look_around
from tandem.lab.doctor.network import hub_state, mirror_state
from tandem.lab.doctor.parity import Distance, parity
from tandem.lab.doctor.speed import PEAK_SECONDS, ROUNDS, Speeds, peaks, settings, speeds

MIXERS = "tandem.nn.mixers"


@dataclass(frozen=True)
class Findings:
    """`peaks` are in FLOP/s, `speeds` in tokens/s of one layer of each mixer, by precision and threads.

    `parity` holds two layers of each mixer. `hub` is None where nobody asked for the network.
    """

    machine: Machine
    peaks: Speeds
    speeds: dict[str, Speeds]
    parity: dict[str, list[Distance]]
    mirror: str
    hub: str | None

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; a speed stands under its precision and number of threads."""
        return {
            "machine": asdict(self.machine),
            "peak_flops": _plain(self.peaks),
            "tokens_per_second": {name: _plain(found) for name, found in self.speeds.items()},
            "parity": {name: [asdict(layer) for layer in layers] for name, layers in self.parity.items()},
            "mirror": self.mirror,
            "hub": self.hub,
        }


def examine(
    *,
    network: bool,
    seconds: float = PEAK_SECONDS,
    rounds: int = ROUNDS,
    say: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Looks and measures, for about 20 seconds on two cores: each product of matrices for `seconds`."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    machine, mixers = look_around(), parts.names(MIXERS)
    tried = settings(machine.cores, device)
    say("measuring products of matrices")
    limits = peaks(tried, seconds=seconds, device=device)
    say(f"measuring a layer of {', '.join(mixers)}")
    found = speeds(mixers, tried, rounds=rounds, device=device)
    return Findings(
        machine, limits, found, parity(mixers, device=device), mirror_state(), hub_state() if network else None
    )


def _plain(found: Speeds) -> dict[str, dict[int, float]]:
    plain: dict[str, dict[int, float]] = {}
    for setting, speed in found.items():
        plain.setdefault(setting.precision, {})[setting.threads] = speed
    return plain
