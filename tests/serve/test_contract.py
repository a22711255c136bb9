"""The server against its own description: requests made from it, and a few that it forbids."""

from pathlib import Path
from typing import Any

import pytest
from serving import contradictions

pytest.importorskip("schemathesis", reason="schemathesis is not installed")


def test_the_description_is_whole(app: Any) -> None:
    described = app.openapi()
    assert set(described["paths"]) == {
        f"/api/v1/{name}"
        for name in ("models", "runs", "report", "fill-mask", "next", "generate", "score", "classify", "tag", "nli",
                     "similarity", "embed", "translate", "attention", "influence")
    }  # fmt: skip
    for path in described["paths"].values():
        for operation in path.values():
            assert {"405", "500"} <= operation["responses"].keys()
            assert "Retry-After" in operation["responses"]["503"]["headers"]
            assert "application/problem+json" in operation["responses"]["422"]["content"]


# Its generator of forbidden requests draws from `random`.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
def test_no_request_contradicts_the_description(run_folders: dict[str, Path]) -> None:
    broken, statuses = contradictions(run_folders, cases=130)
    assert broken == []
    assert statuses.total() >= 100
    assert statuses[200] > 0.15 * statuses.total(), statuses
