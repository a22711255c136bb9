"""How far a run has come, and what share of its budget that is."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tandem.core.tables import BudgetTable
from tandem.data.stream import Position


@dataclass
class Progress:
    """What a run has spent: `tokens` are real ones, `positions` include padding, `flops` are those of training."""

    step: int = 0
    tokens: int = 0
    positions: int = 0
    flops: float = 0.0
    seconds: float = 0.0
    position: Position = field(default_factory=Position)

    def to_json(self) -> dict[str, Any]:
        """A dictionary that `from_json` reads back exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Progress":
        """Reads what `to_json` gave."""
        return cls(**{**content, "position": Position(**content["position"])})


def spent(budget: BudgetTable, progress: Progress) -> float:
    """The share of the budget that is gone, 0 at the start and at least 1 at the end."""
    for name in ("steps", "tokens", "flops", "seconds"):
        limit = getattr(budget, name)
        if limit is not None:
            used = progress.step if name == "steps" else getattr(progress, name)
            return float(used / limit)
    raise AssertionError("a budget holds exactly one limit")
