"""Who may ask, and what stands in front of every answer."""

from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from asked import listening

from tandem.serve.catalogue import Catalogue
from tandem.serve.guards import NAMES, Access

Talk = Callable[..., Any]
TOKEN = "sixteen-characters-long"


def get(client: Any, path: str = "/api/v1/models", **headers: str) -> Any:
    return client.get(path, headers=headers)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "a/b", "[::1"])
def test_another_name_is_refused(talk: Talk, host: str) -> None:
    answer = talk(lambda client: get(client, Host=host))
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_the_names_of_this_machine_pass(talk: Talk, host: str) -> None:
    assert talk(lambda client: get(client, Host=host)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:8000", 200), ("http://127.0.0.1:9000", 403), ("https://evil.example", 403), ("null", 403)],
)
def test_a_page_of_another_origin_is_refused(talk: Talk, origin: str, status: int) -> None:
    assert talk(lambda client: get(client, Origin=origin)).status_code == status


def test_every_answer_has_its_headers(talk: Talk) -> None:
    async def several(client: Any) -> list[Any]:
        return [
            await client.get(path)
            for path in ("/api/v1/models", "/livez", "/nowhere", "/api/v1/tag", "/openapi.json", "/agree")
        ]

    answers = talk(several)
    assert [answer.status_code for answer in answers] == [200, 200, 404, 405, 200, 200]
    assert answers[3].headers["allow"] == "POST"
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_file_of_the_pages_is_sent_once_and_an_answer_is_kept_nowhere(talk: Talk) -> None:
    async def several(client: Any) -> list[Any]:
        first = await get(client, "/static/api.js")
        return [
            first,
            await get(client, "/static/api.js", **{"If-None-Match": first.headers["etag"]}),
            await get(client),
        ]

    first, again, models = talk(several)
    assert [first.status_code, again.status_code] == [200, 304]
    assert again.content == b""
    kept = [answer.headers["cache-control"] for answer in (first, again, models)]
    assert kept == ["no-cache", "no-cache", "no-store"]


class TestWithAToken:
    @pytest.fixture
    def app(self, served: list[Any]) -> Any:
        from tandem.serve.app import create_app

        return create_app(served, access=Access(NAMES, TOKEN))

    @pytest.mark.parametrize(
        ("given", "status"),
        [(None, 401), ("", 401), ("Bearer", 401), ("Bearer wrong", 401), (f"Basic {TOKEN}", 401),
         (f"Bearer {TOKEN}x", 401), (f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200)],
    )  # fmt: skip
    def test_nobody_asks_without_it(self, talk: Talk, given: str | None, status: int) -> None:
        headers = {} if given is None else {"Authorization": given}

        async def several(client: Any) -> list[int]:
            paths = ("/api/v1/models", "/api/v1/runs", "/metrics", "/openapi.json")
            return [(await get(client, path, **headers)).status_code for path in paths]

        assert talk(several) == [status] * 4

    def test_the_description_says_how_it_is_sent(self, app: Any) -> None:
        described = app.openapi()
        (scheme,) = described["components"]["securitySchemes"].values()
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        assert all(one["security"] for path in described["paths"].values() for one in path.values())

    def test_health_is_no_secret(self, talk: Talk) -> None:
        assert talk(lambda client: get(client, "/livez")).status_code == 200
        assert talk(lambda client: get(client, "/readyz")).status_code == 200


def test_a_fault_is_answered_counted_and_told_to_nobody(
    app: Any, talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Catalogue, "runs", lambda _: {}["a secret"])

    async def several(client: Any) -> tuple[Any, str]:
        return await get(client, "/api/v1/runs"), (await client.get("/metrics")).text

    answer, metrics = talk(several)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "secret" not in answer.text
    assert "a secret" in caplog.text
    assert 'tandem_requests_total{route="/api/v1/runs",status="500"} 1.0' in metrics


def test_there_is_no_route_for_files_or_documentation(app: Any) -> None:
    paths = app.openapi()["paths"]
    assert all(path.startswith("/api/v1/") for path in paths)
    assert not any("{" in path for path in paths)


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
     "/static/%2fetc/passwd", "/static/..%5capp.py", "/static/%00", "/static/", "/static/../templates/base.html"],
)  # fmt: skip
def test_no_other_file_is_sent(app: Any, path: str) -> None:
    with listening(app) as (port, _), closing(HTTPConnection("127.0.0.1", port)) as asked:
        asked.request("GET", path)
        answer = asked.getresponse()
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert b"import" not in answer.read()


def test_it_counts_what_it_does(talk: Talk) -> None:
    async def several(client: Any) -> str:
        await client.post("/api/v1/tag", json={"text": "day"})
        await client.get("/no/such/route")
        return str((await client.get("/metrics")).text)

    found = talk(several)
    assert 'tandem_requests_total{route="/api/v1/tag",status="200"} 1.0' in found
    assert 'tandem_requests_total{route="other",status="404"} 1.0' in found
    assert "tandem_waiting_requests 0.0" in found
