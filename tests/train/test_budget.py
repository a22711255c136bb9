"""A budget is one dial: steps, tokens, operations or seconds."""

import json
from typing import Any

import pytest

from tandem.core.tables import BudgetTable
from tandem.data.stream import Position
from tandem.train.budget import Progress, spent

HALFWAY = Progress(step=5, tokens=500, positions=600, flops=5e9, seconds=2.5, position=Position(1, 2, 3))


@pytest.mark.parametrize("limit", [{"steps": 10}, {"tokens": 1000}, {"flops": 1e10}, {"seconds": 5.0}])
def test_each_dial_measures_its_own_share(limit: dict[str, Any]) -> None:
    budget = BudgetTable(**limit)
    assert spent(budget, Progress()) == 0
    assert spent(budget, HALFWAY) == pytest.approx(0.5)


def test_tokens_are_real_ones_and_padding_costs_no_budget() -> None:
    assert spent(BudgetTable(tokens=500), HALFWAY) == 1.0


def test_progress_comes_back_from_json_exactly() -> None:
    uneven = Progress(step=3, tokens=7, positions=9, flops=1e9 / 3, seconds=0.1 + 0.2, position=Position(4, 5, 6))
    assert Progress.from_json(json.loads(json.dumps(uneven.to_json()))) == uneven
