"""Thousands of requests made from the description of the API, and as many that it forbids."""

from pathlib import Path

import pytest
from serving import contradictions, every_run

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("schemathesis", reason="schemathesis is not installed")

CASES = 5000


# Its generator of forbidden requests draws from `random`.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
def test_no_request_contradicts_the_description(
    book: Path, reversing_run: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--all-cases", default=False):
        pytest.skip("takes minutes; make campaign runs it")
    broken, asked = contradictions(every_run(book, reversing_run, tmp_path), cases=CASES)
    assert broken == []
    assert asked >= CASES
