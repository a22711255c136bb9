"""Scores between states and a memory, against the papers' formulas one pair at a time."""

from typing import get_args

import pytest
import torch

from tandem.nn.alignment import Alignment, Score

WIDTH = 4


@pytest.mark.parametrize("score", get_args(Score))
def test_weights_are_a_softmax_of_the_scores_of_the_papers(score: Score) -> None:
    torch.manual_seed(0)
    alignment = Alignment(WIDTH, score=score).double()
    states, memory = torch.randn(2, 3, WIDTH).double(), torch.randn(2, 5, WIDTH).double()
    mask = torch.arange(5)[None] < torch.tensor([5, 2])[:, None]
    weights = alignment(states, alignment.keys(memory), mask)
    for row in range(2):
        for place in range(3):
            scores = []
            for source in range(int(mask[row].sum())):
                q, h = states[row, place], memory[row, source]
                match score:
                    case "additive":
                        scores.append(alignment.combine((alignment.query(q) + alignment.key(h)).tanh())[0])
                    case "dot":
                        scores.append(q @ h)
                    case "general":
                        scores.append(q @ (alignment.key.weight @ h))
            expected = torch.stack(scores).softmax(dim=0)
            torch.testing.assert_close(weights[row, place, : len(scores)], expected)
            assert not weights[row, place, len(scores) :].count_nonzero()


@pytest.mark.parametrize(("score", "maps"), [("additive", 2), ("dot", 0), ("general", 1)])
def test_operations_are_those_of_the_maps_the_scores_and_the_mean(score: Score, maps: int) -> None:
    length = 7
    pairs = length * length
    expected = 2 * maps * length * WIDTH * WIDTH + 2 * pairs * WIDTH + 2 * pairs * WIDTH
    assert Alignment(WIDTH, score=score).flops(length) == expected
