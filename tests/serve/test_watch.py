"""A model asks whether anybody waits."""

import copy

import pytest
import torch

from tandem.serve.watch import NobodyWaits, watch, while_wanted


def test_a_model_and_its_copies_ask_before_every_layer() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    watch(model)
    for one in (model, copy.deepcopy(model).double()):
        asked: list[int] = []
        text = torch.zeros(1, 2, dtype=one[0].weight.dtype)

        def is_wanted(asked: list[int] = asked) -> bool:
            asked.append(1)
            return len(asked) < 5

        with while_wanted(is_wanted):
            one(text)
            # The whole, and each of its layers.
            assert len(asked) == 3
            with pytest.raises(NobodyWaits):
                one(text)
        one(text)
        assert len(asked) == 5


def test_what_ends_inside_leaves_what_is_outside_as_it_was() -> None:
    model = torch.nn.Linear(2, 2)
    watch(model)
    with while_wanted(lambda: False):
        with while_wanted(lambda: True):
            model(torch.zeros(1, 2))
        with pytest.raises(NobodyWaits):
            model(torch.zeros(1, 2))
