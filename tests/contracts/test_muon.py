"""Muon against the singular value decomposition and against torch's own."""

from collections.abc import Iterable

import pytest
import torch
from made import noise
from torch import Tensor, nn

from tandem.train.muon import Muon, as_blocks, orthogonalised

SETTINGS = {"lr": 0.02, "weight_decay": 0.1, "momentum": 0.95}


def trained(optimiser: torch.optim.Optimizer, parameters: Iterable[nn.Parameter], gradients: list[Tensor]) -> None:
    """Hands each gradient, cut like the parameters one below the other, to the optimiser in turn."""
    parameters = list(parameters)
    for gradient in gradients:
        parts = gradient.chunk(len(parameters))
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.clone()
        optimiser.step()


@pytest.mark.parametrize("shape", [(12, 12), (8, 20), (20, 8), (1, 5)])
def test_orthogonalised_keeps_singular_vectors_and_brings_singular_values_near_one(shape: tuple[int, int]) -> None:
    left, _, right = torch.linalg.svd(noise(*shape), full_matrices=False)
    rank = min(shape)
    values = torch.logspace(-1.5, 1, rank, dtype=torch.float64)
    seen = left.T @ orthogonalised((left * values @ right)[None])[0] @ right.T
    assert seen.diagonal().min() > 0.65
    assert seen.diagonal().max() < 1.25
    assert (seen - seen.diagonal().diag()).abs().max() < 1e-9


def test_matrices_of_a_stack_are_orthogonalised_apart() -> None:
    stack = noise(3, 6, 6)
    stack[1] *= 100
    alone = torch.cat([orthogonalised(matrix[None]) for matrix in stack])
    torch.testing.assert_close(orthogonalised(stack), alone)


def test_a_zero_gradient_gives_a_zero_direction() -> None:
    assert orthogonalised(torch.zeros(1, 4, 4)).count_nonzero() == 0


@pytest.mark.parametrize(
    ("shape", "blocks"),
    [((12, 12), (1, 12, 12)), ((36, 12), (3, 12, 12)), ((8, 20), (1, 8, 20)), ((20, 8), (1, 20, 8)),
     ((6, 6, 3), (1, 6, 18))],
)  # fmt: skip
def test_a_matrix_whose_rows_fill_whole_squares_is_cut_into_them(
    shape: tuple[int, ...], blocks: tuple[int, ...]
) -> None:
    assert as_blocks(torch.zeros(shape)).shape == blocks


@pytest.mark.parametrize("shape", [(16, 16), (12, 30), (30, 12)])
def test_several_steps_agree_with_those_of_torch(shape: tuple[int, int]) -> None:
    start, gradients = noise(*shape).float(), [noise(*shape, seed=seed).float() for seed in range(5)]
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    trained(Muon([ours], **SETTINGS), [ours], gradients)
    trained(torch.optim.Muon([theirs], adjust_lr_fn="match_rms_adamw", **SETTINGS), [theirs], gradients)
    moved = (theirs - start).norm()
    # torch orthogonalises in bfloat16, of 8 bits, and we in the precision of the weights.
    assert (ours - theirs).norm() < 0.02 * moved
    assert (ours - start).norm() > 0.5 * moved


def test_a_stack_of_projections_steps_as_three_separate_matrices_do() -> None:
    start, gradients = noise(36, 12), [noise(36, 12, seed=seed) for seed in range(4)]
    stack, parts = nn.Parameter(start.clone()), [nn.Parameter(part.clone()) for part in start.chunk(3)]
    trained(Muon([stack], **SETTINGS), [stack], gradients)
    trained(Muon(parts, **SETTINGS), parts, gradients)
    torch.testing.assert_close(stack, nn.Parameter(torch.cat(parts)))


def test_an_entry_of_an_update_is_about_a_fifth_of_the_learning_rate() -> None:
    for shape in ((24, 24), (24, 96), (72, 24), (96, 24)):
        weight = nn.Parameter(torch.zeros(shape))
        trained(Muon([weight], lr=1.0, weight_decay=0.0, momentum=0.95), [weight], [noise(*shape).float()])
        assert weight.square().mean().sqrt().item() == pytest.approx(0.2, rel=0.2)


def test_a_parameter_without_a_gradient_stays() -> None:
    weight = nn.Parameter(torch.ones(4, 4))
    Muon([weight], **SETTINGS).step()
    assert torch.equal(weight, torch.ones(4, 4))
