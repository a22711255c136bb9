"""What holds in the parts of a model where an expression writes nothing."""

from dataclasses import dataclass

from tandem.core.choices import Activation, PositionKind


@dataclass(frozen=True)
class Defaults:
    """Of `[model]` in a recipe: what an encoder was built with, and a decoder behind it is built with too.

    `feedforward` None stands for four times the width. A learned table of positions ends at `max_length`.
    """

    max_length: int
    positions: PositionKind = "none"
    feedforward: int | None = None
    activation: Activation = "gelu"
    epsilon: float = 1e-5
    dropout: float = 0.0
