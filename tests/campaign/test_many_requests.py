"""Thousands of requests made from the description of the API, and as many that it forbids."""

from pathlib import Path

import pytest
from serving import contradictions

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from tandem.serve.api import ROUTES

CASES = 5000
ACTIONS = (*ROUTES, "generate")


# Its generator of forbidden requests draws from `random`.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.campaign
@pytest.mark.parametrize("action", ACTIONS)
def test_no_request_contradicts_the_description(action: str, run_folders: dict[str, Path]) -> None:
    cases = -(-CASES // len(ACTIONS))
    broken, statuses = contradictions(run_folders, cases=cases, action=action)
    assert broken == []
    assert statuses.total() >= cases
