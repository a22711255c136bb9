"""Layers mixed as Peters et al. 2018 do it."""

import pytest
import torch
from torch import Tensor

from tandem.nn.layer_mix import LayerMix


def layers_of(count: int) -> list[Tensor]:
    return list(torch.randn(count, 2, 5, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64))


def test_a_mix_begins_as_the_mean_of_its_layers() -> None:
    layers = layers_of(3)
    torch.testing.assert_close(LayerMix(3).double()(layers), torch.stack(layers).mean(dim=0))


def test_a_mix_is_gamma_times_the_sum_weighted_by_a_softmax() -> None:
    layers, mix = layers_of(3), LayerMix(3).double()
    with torch.no_grad():
        mix.weights.copy_(torch.tensor([1.0, 3.0, 2.0]).log())
        mix.gamma.fill_(5.0)
    torch.testing.assert_close(mix(layers), 5 * (layers[0] + 3 * layers[1] + 2 * layers[2]) / 6)


def test_a_mix_learns_which_layer_answers() -> None:
    layers, mix = layers_of(3), LayerMix(3).double()
    optimiser = torch.optim.Adam(mix.parameters(), lr=0.1)
    for _ in range(200):
        loss = (mix(layers) - 2 * layers[1]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert mix.weights.softmax(dim=0)[1] > 0.95
    assert mix.gamma.item() == pytest.approx(2, abs=0.1)


def test_a_mix_refuses_another_number_of_layers() -> None:
    with pytest.raises(ValueError, match="shorter"):
        LayerMix(3)(layers_of(2))
