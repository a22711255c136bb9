"""Minimal recurrences against the formulas of their paper, a token at a time."""

import pytest
import torch
from torch import Tensor

from tandem.nn.minimal import log_positive, positive
from tandem.nn.mixers.mingru import Mingru
from tandem.nn.mixers.minlstm import Minlstm

WIDTH, LENGTH = 6, 9


def paper(mixer: Mingru | Minlstm, hidden: Tensor) -> Tensor:
    """Algorithms 5 and 7 of Feng et al. 2024, with g for the candidate, from a state of zero."""
    *gates, candidate = (rows for rows in mixer.minimal.project(hidden).chunk(mixer.minimal.parts, dim=-1))
    candidate = torch.where(candidate >= 0, candidate + 0.5, candidate.sigmoid())
    if len(gates) == 1:
        take = gates[0].sigmoid()
        keep = 1 - take
    else:
        forget, let_in = (gate.sigmoid() for gate in gates)
        keep, take = forget / (forget + let_in), let_in / (forget + let_in)
    states, state = [], torch.zeros_like(candidate[:, 0])
    for place in range(hidden.shape[1]):
        state = keep[:, place] * state + take[:, place] * candidate[:, place]
        states.append(state)
    return torch.stack(states, dim=1)


@pytest.mark.parametrize("scan", ["associative", "log"])
@pytest.mark.parametrize("part", [Mingru, Minlstm])
def test_outputs_are_those_of_the_paper(part: type, scan: str) -> None:
    torch.manual_seed(0)
    mixer, hidden = part(WIDTH, "past", scan=scan), 3 * torch.randn(2, LENGTH, WIDTH)
    torch.testing.assert_close(mixer(hidden, torch.ones(2, LENGTH, dtype=torch.bool)), paper(mixer, hidden))


@pytest.mark.parametrize("scan", ["associative", "log"])
@pytest.mark.parametrize("part", [Mingru, Minlstm])
def test_inputs_of_any_size_give_finite_outputs_and_gradients(part: type, scan: str) -> None:
    torch.manual_seed(0)
    mixer, mask = part(WIDTH, "both", scan=scan), torch.arange(LENGTH)[None, :] < torch.tensor([[LENGTH], [4]])
    for size in (0.0, 1e-30, 1.0, 1e3, 1e6):
        hidden = (size * torch.randn(2, LENGTH, WIDTH)).requires_grad_()
        output = mixer(hidden, mask)
        output.sum().backward()
        assert output.isfinite().all()
        assert hidden.grad.isfinite().all()


def test_small_steps_are_not_lost_in_bfloat16() -> None:
    mixer = Mingru(2, "past").bfloat16()
    with torch.no_grad():
        # The gate is all but closed: a state of 1.5 is reached in steps of 1 in 1,000.
        mixer.minimal.project.weight.zero_()
        mixer.minimal.project.bias.copy_(torch.tensor([-6.9, -6.9, 1.0, 1.0]))
    output = mixer(torch.zeros(1, 2048, 2, dtype=torch.bfloat16), torch.ones(1, 2048, dtype=torch.bool))
    assert output[0, -1].float().tolist() == pytest.approx([1.5 * (1 - 0.999**2048)] * 2, rel=0.02)


def test_what_becomes_a_state_is_positive_and_its_logarithm_agrees() -> None:
    numbers = torch.linspace(-30, 30, 601, dtype=torch.float64)
    assert (positive(numbers) > 0).all()
    torch.testing.assert_close(log_positive(numbers), positive(numbers).log())
