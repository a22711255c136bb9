"""How branches become one again, computed a second time by loops."""

import math

import pytest
import torch
from made import mask_of, noise, shaken
from torch import Tensor

from tandem.nn.merge import Parallel
from tandem.nn.mixers.cnn import Cnn
from tandem.nn.mixers.gru import Gru
from tandem.nn.mixers.rnn import Rnn

WIDTH = 4
HIDDEN, MASK = noise(2, 5, WIDTH), mask_of([5, 3], 5)


def made(merge: str) -> tuple[Parallel, list[Tensor]]:
    """Three branches merged, and what each of them gives alone."""
    parallel = shaken(Parallel([mixer(WIDTH, "both") for mixer in (Cnn, Gru, Rnn)], WIDTH, merge=merge))
    return parallel, [branch(HIDDEN, MASK) for branch in parallel.branches]


def test_a_sum_adds_its_branches() -> None:
    parallel, (first, second, third) = made("sum")
    torch.testing.assert_close(parallel(HIDDEN, MASK), first + second + third)
    assert not hasattr(parallel, "weigh")


def test_concat_is_one_linear_map_of_all_branches_together() -> None:
    parallel, outputs = made("concat")
    matrices = parallel.weigh.weight.split(WIDTH, dim=1)
    expected = sum(output @ matrix.T for output, matrix in zip(outputs, matrices, strict=True)) + parallel.weigh.bias
    torch.testing.assert_close(parallel(HIDDEN, MASK), expected)


def test_a_gate_weighs_the_branches_of_each_unit_by_a_softmax() -> None:
    parallel, outputs = made("gate")
    merged = parallel(HIDDEN, MASK)
    for row, place in ((0, 0), (1, 2)):
        here = [output[row, place] for output in outputs]
        scores = (parallel.weigh.weight @ torch.cat(here) + parallel.weigh.bias).tolist()
        for unit in range(WIDTH):
            powers = [math.exp(scores[branch * WIDTH + unit]) for branch in range(3)]
            mean = sum(power * output[unit].item() for power, output in zip(powers, here, strict=True)) / sum(powers)
            assert merged[row, place, unit].item() == pytest.approx(mean, abs=1e-12)
