"""How a model is told where a token stands: tables added to the input, or terms inside attention's scores."""

from typing import get_args

import torch
from torch import Tensor, nn

from tandem.core.choices import PositionKind
from tandem.core.errors import UsageError, unknown
from tandem.core.shapes import Hidden, TokenMask

KINDS: tuple[str, ...] = get_args(PositionKind)
RELATIVE = ("rotary", "distance")
ROTARY_BASE = 10_000.0


class Positions(nn.Module):
    """Adds a vector for each position to hidden states (B, T, D).

    `sinusoid` is fixed (Vaswani et al. 2017) and has no end. `learned` starts as normal noise of deviation 0.02
    (Devlin et al. 2019); `learned-sinusoid` starts as the founding notebook's sinusoid, whose first row is zero. Both
    end at `max_length`.
    """

    def __init__(self, width: int, *, kind: PositionKind, max_length: int) -> None:
        super().__init__()
        self.kind, self.width, self.max_length = kind, width, max_length
        # Not saved: a sinusoid has no weight that tells on which device a state belongs.
        self.nothing = nn.Buffer(torch.zeros((), dtype=torch.int64), persistent=False)
        self.table = nn.Parameter(torch.empty(max_length, width)) if kind != "sinusoid" else None
        if self.table is not None:
            with torch.no_grad():
                if kind == "learned":
                    self.table.normal_(std=0.02)
                else:
                    self.table.copy_(sinusoid(max_length, width))
                    self.table[0] = 0.0

    def forward(self, hidden: Hidden, mask: TokenMask | None = None) -> Hidden:  # noqa: ARG002
        """The hidden states with their positions added.

        Raises:
            UsageError: the sequence is longer than a learned table.
        """
        return self._added(hidden, 0)

    def start(self, batch: int) -> Tensor:
        """How many tokens were read, (B,)."""
        return self.nothing.repeat(batch)

    def extend(self, state: Tensor, hidden: Hidden) -> tuple[Tensor, Hidden]:
        """The next tokens (B, T, D) with their positions added."""
        return state + hidden.shape[1], self._added(hidden, state[0])

    def _added(self, hidden: Hidden, start: int | Tensor) -> Hidden:
        length = hidden.shape[1]
        if self.table is None:
            return hidden + sinusoid(length, self.width, start=start, device=hidden.device).to(hidden.dtype)
        # A GPU is waited for where tokens are read piece by piece: only the host can refuse what no row stands for.
        first = int(start)
        if first + length > self.max_length:
            raise UsageError(
                f"{first + length} tokens: this model's learned positions end at {self.max_length}; shorten the text"
            )
        return hidden + self.table[first : first + length]

    def flops(self, length: int) -> int:  # noqa: ARG002
        """Sums are left out, as is usual."""
        return 0


def sinusoid(
    length: int, width: int, *, start: int | Tensor = 0, device: torch.device | None = None
) -> Tensor:  # fmt: skip
    """Sine at even and cosine at odd dimensions, of wavelengths from 2 pi to 10,000 · 2 pi, (length, width).

    The first row is that of the position `start`.
    """
    units = torch.arange(width, device=device)
    rates = 10_000.0 ** (-2 * (units.double() // 2) / width)
    angles = (start + torch.arange(length, dtype=torch.float64, device=device))[:, None] * rates
    return torch.where(units % 2 == 0, angles.sin(), angles.cos()).float()


def end_of_positions(module: nn.Module) -> int | None:
    """How many tokens the shortest table of positions in a module has room for; None where there is no table."""
    positions = (part for part in module.modules() if isinstance(part, Positions))
    return min((part.max_length for part in positions if part.table is not None), default=None)


def rotated(vectors: Tensor, start: int | Tensor) -> Tensor:
    """Turns queries or keys (B, H, T, E) by angles that grow with the position; the first one stands at `start`.

    Source: Su et al. 2021, RoFormer; the two halves of E form the pairs.
    """
    half = vectors.shape[-1] // 2
    rates = ROTARY_BASE ** (-torch.arange(half, device=vectors.device, dtype=torch.float32) / half)
    places = start + torch.arange(vectors.shape[-2], device=vectors.device, dtype=torch.float32)
    angles = places[:, None] * rates
    cosine, sine = angles.cos().repeat(1, 2), torch.cat([-angles.sin(), angles.sin()], dim=1)
    # Two halves apart took 5 % more of the time of attention in fp32. The roll comes first: what it gives, and so the
    # result, stands in memory as the product of queries and keys reads it.
    other_half = vectors.roll(half, dims=-1)
    return torch.addcmul(other_half * sine.to(vectors.dtype), vectors, cosine.to(vectors.dtype))


def distance_bias(behind: Tensor, heads: int) -> Tensor:
    """Minus a slope for each head times the distance |`behind`| (T, S), as (H, T, S).

    Slopes fall geometrically from 2^(-8/H) to 2^-8 (Press et al. 2022, Train short, test long).
    """
    slopes = 2.0 ** (-8.0 * torch.arange(1, heads + 1, device=behind.device) / heads)
    return -slopes[:, None, None] * behind.abs()


def check_kind(kind: object, *, where: str) -> PositionKind:
    """`kind` if it is one of `KINDS`.

    Raises:
        UsageError: it is not.
    """
    if kind not in KINDS:
        raise unknown("kind of positions", str(kind), KINDS, where)
    return kind  # type: ignore[return-value]
