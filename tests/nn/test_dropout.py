"""The masks that our dropout draws on a CPU, against what dropout promises."""

import pytest
import torch
from torch import nn

from tandem.nn.dropout import Dropout

ONES = torch.ones(250_001)


def kept(p: float, *, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return Dropout(p)(ONES) != 0


@pytest.mark.parametrize("p", [0.003, 0.1, 0.5, 0.9])
def test_a_share_of_the_numbers_becomes_zero_and_the_mean_stays(p: float) -> None:
    torch.manual_seed(0)
    output = Dropout(p)(ONES)
    # Four deviations of a mean over 250,001 draws.
    margin = 4 * (p * (1 - p) / ONES.numel()) ** 0.5
    assert (output == 0).double().mean().item() == pytest.approx(p, abs=margin)
    assert output[output != 0].unique().tolist() == pytest.approx([1 / (1 - p)], rel=1e-4)
    assert output.double().mean().item() == pytest.approx(1, abs=margin / (1 - p))


def test_one_seed_gives_one_mask_and_layers_and_seeds_have_their_own() -> None:
    assert torch.equal(kept(0.5), kept(0.5))
    torch.manual_seed(0)
    first, second = ((Dropout(0.5)(ONES) != 0) for _ in range(2))
    assert torch.equal(first, kept(0.5))
    for other in (second, kept(0.5, seed=1)):
        # Independent fair coins agree half of the time, within four deviations.
        assert (first == other).double().mean().item() == pytest.approx(0.5, abs=4 * 0.5 / ONES.numel() ** 0.5)


def test_neighbours_in_one_draw_are_independent() -> None:
    mask = kept(0.3)[:250_000].double() - 0.7
    for gap in (1, 2, 3, 4, 256):
        assert (mask[gap:] * mask[:-gap]).mean().item() == pytest.approx(0, abs=4 * 0.3 * 0.7 / 500)
    for lane in range(4):
        assert mask[lane::4].mean().item() == pytest.approx(0, abs=4 * (0.3 * 0.7 / 62_500) ** 0.5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.parametrize("shape", [(3, 5, 7), (1,), (0, 4)])
def test_the_gradient_goes_where_the_numbers_went(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    inputs = torch.ones(shape, dtype=dtype).requires_grad_()
    output = Dropout(0.4)(inputs)
    assert (output.dtype, output.shape) == (dtype, shape)
    output.sum().backward()
    assert torch.equal(inputs.grad, output.detach())


def test_nothing_drops_outside_of_training_and_the_ends_are_those_of_torch() -> None:
    numbers = torch.randn(9, 9)
    assert torch.equal(Dropout(0.5).eval()(numbers), numbers)
    for p in (0.0, 1.0):
        assert torch.equal(Dropout(p)(numbers), nn.Dropout(p)(numbers))
