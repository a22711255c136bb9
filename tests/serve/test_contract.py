"""The server against its own description: requests made from it, and a few that it forbids."""

from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")


def test_the_description_is_whole(app: Any) -> None:
    described = app.openapi()
    assert set(described["paths"]) == {
        f"/api/v1/{name}"
        for name in ("models", "runs", "fill-mask", "generate", "score", "classify", "tag", "nli", "similarity",
                     "embed", "translate", "attention", "influence")
    }  # fmt: skip
    for path in described["paths"].values():
        for operation in path.values():
            assert "503" in operation["responses"]
            assert "application/problem+json" in operation["responses"]["422"]["content"]


def test_nothing_that_the_description_allows_breaks_it(served: list[Any], request: pytest.FixtureRequest) -> None:
    from tandem.serve.app import create_app
    from tandem.serve.guards import Access

    # The client calls the application "testserver", and starts nothing.
    app = create_app(served, access=Access(None))
    app.state.batcher.start()
    everything = request.config.getoption("--all-cases", default=False)
    broken, asked = contradictions(app, cases=5000 if everything else 130)
    app.state.batcher.stop()
    assert broken == []
    assert asked >= (5000 if everything else 130)


def contradictions(app: Any, *, cases: int) -> tuple[list[str], int]:
    """What `cases` requests made from the description found, and how many were made."""
    from hypothesis import HealthCheck, given, seed, settings

    # Whether a text can be answered, as one without a mask cannot, stands in no description.
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    # What has no body has only one question.
    operations = [one for found in schema.get_all_operations() if (one := found.ok()).body]
    broken: list[str] = []
    asked = 0
    each = -(-cases // (2 * len(operations)))
    for operation in operations:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @seed(1)
            @settings(max_examples=each, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                answer = case.call()
                if answer.status_code >= 500:
                    broken.append(f"{case.method} {case.path} {case.body!r}: {answer.status_code}")
                try:
                    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
                except (Exception, BaseExceptionGroup) as error:
                    broken.append(f"{case.method} {case.path} {case.body!r}: {error}")

            ask()
    return broken, asked
