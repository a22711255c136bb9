"""Work at some positions only: they stand side by side as one row meanwhile, and then in their places again."""

from torch import Size, Tensor, nn

from tandem.core.shapes import ChosenRow, Hidden, Places, TokenMask


def output_at(module: nn.Module, hidden: Hidden, mask: TokenMask, places: Places) -> Tensor:
    """What `module` makes of `hidden` at `places` of the flattened B·T grid, as one row (1, N, D or 2D).

    A module with a method `at` leaves undone what the other positions alone would need.
    """
    row: Tensor = module.at(hidden, mask, places) if hasattr(module, "at") else picked(module(hidden, mask), places)  # type: ignore[operator]
    return row


def spared_flops(module: nn.Module, length: int) -> int:
    """What of its `flops` for `length` tokens a module leaves undone in `output_at` where there are no places."""
    return int(module.spared_flops(length)) if hasattr(module, "spared_flops") else 0  # type: ignore[operator]


def picked(hidden: Hidden, places: Places) -> ChosenRow:
    """The hidden states at `places` of the flattened grid, as one row (1, N, D)."""
    return hidden.flatten(0, 1).index_select(0, places)[None]


def placed(row: ChosenRow, places: Places, shape: Size) -> Hidden:
    """The row (1, N, D) back in a grid of `shape` (B, T), with zeros elsewhere."""
    empty = row.new_zeros(shape.numel(), row.shape[-1])
    return empty.index_copy(0, places, row[0]).view(*shape, -1)
