"""Scans against the loop that they replace."""

import pytest
import torch
from torch import Tensor

from tandem.nn.scan import WORTH_A_STEP, associative_scan, log_scan

LENGTHS = [1, 2, 3, 7, 64, 100, 2048]
every_length = pytest.mark.parametrize("length", LENGTHS)
every_scan = pytest.mark.parametrize("scan", ["associative", "log"])


def looped(keep: Tensor, new: Tensor) -> Tensor:
    states, state = [], torch.zeros_like(new[:, 0])
    for place in range(new.shape[1]):
        state = keep[:, place] * state + new[:, place]
        states.append(state)
    return torch.stack(states, dim=1)


def scanned(scan: str, keep: Tensor, new: Tensor) -> Tensor:
    return associative_scan(keep, new) if scan == "associative" else log_scan(keep.log(), new.log())


def gates(
    length: int, *, width: int = 5, dtype: torch.dtype = torch.float32, spread: float = 3.0
) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(length)
    logits, values = torch.randn(2, 3, length, width, generator=generator, dtype=torch.float64)
    keep = (spread * logits).sigmoid()
    return keep.to(dtype), ((1 - keep) * values.exp()).to(dtype)


@every_scan
@every_length
def test_a_scan_gives_what_a_loop_gives(scan: str, length: int) -> None:
    keep, new = gates(length)
    torch.testing.assert_close(scanned(scan, keep, new), looped(keep, new), rtol=1e-5, atol=1e-5)


@every_scan
def test_nothing_overflows_where_gates_are_open_or_closed_for_long(scan: str) -> None:
    for keep in (torch.full((1, 2048, 2), 1e-38), torch.ones(1, 2048, 2), gates(2048, spread=40.0)[0]):
        keep = keep.clamp(min=1e-38).requires_grad_()
        states = scanned(scan, keep, torch.ones_like(keep))
        torch.testing.assert_close(states, looped(keep, torch.ones_like(keep)), rtol=1e-5, atol=1e-5)
        states.sum().backward()
        assert keep.grad.isfinite().all()


@every_scan
@pytest.mark.parametrize("length", LENGTHS[:4])
def test_gradients_are_those_of_finite_differences(scan: str, length: int) -> None:
    inputs = [tensor.requires_grad_() for tensor in gates(length, dtype=torch.float64)]
    assert torch.autograd.gradcheck(lambda keep, new: scanned(scan, keep, new), inputs)


# The wider batch goes from token to token.
@pytest.mark.parametrize(("length", "width"), [(2048, 5), *((length, WORTH_A_STEP // 2) for length in LENGTHS[:-1])])
def test_states_and_gradients_are_those_of_the_loop(length: int, width: int) -> None:
    found = []
    for compute in (associative_scan, looped):
        keep, new = (tensor.requires_grad_() for tensor in gates(length, width=width))
        states = compute(keep, new)
        states.square().sum().backward()
        found.append((states, keep.grad, new.grad))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_work_is_linear_in_the_length() -> None:
    """Counted, not timed: the numbers that all multiplications and additions together write."""

    class Written(torch.utils._python_dispatch.TorchDispatchMode):
        numbers = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            if func.overloadpacket in (torch.ops.aten.mul, torch.ops.aten.addcmul):
                self.numbers += result.numel()
            return result

    counted = []
    for length in (256, 512, 1024):
        keep, new = gates(length)
        with Written() as written:
            associative_scan(keep, new)
        counted.append(written.numbers / (15 * length))
    assert max(counted) < 3
    assert counted[2] - counted[0] < 0.05


@pytest.mark.parametrize(("length", "width"), [(256, 5), (1024, 5), (64, WORTH_A_STEP)])
def test_what_is_kept_for_the_gradient_is_the_factors_and_the_states(length: int, width: int) -> None:
    kept: list[int] = []
    keep, new = (tensor.requires_grad_() for tensor in gates(length, width=width))
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.numel()), lambda _: None):
        associative_scan(keep, new)
    assert kept == [keep.numel()] * 2
