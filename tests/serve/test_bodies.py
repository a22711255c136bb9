"""A body is read once, and says everything once."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tandem.serve.bodies import SaidOnce


class Asked(BaseModel):
    """Anything with a text."""

    text: Any


@pytest.fixture
def client() -> TestClient:
    router, app = APIRouter(route_class=SaidOnce), FastAPI()

    @router.post("/")
    def told(asked: Asked) -> Any:
        return asked.text

    app.include_router(router)
    return TestClient(app)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"text": 1, "text": 1}', "a key stands twice in an object"),
        ('{"text": [{"a": 1, "b": 2, "a": 3}]}', "a key stands twice in an object"),
        ('{"text": ' + "[" * 100_000, "maximum recursion depth exceeded"),
        ('{"text": ' + "9" * 5000 + "}", "Exceeds the limit"),
        ('{"text"', "Expecting ':' delimiter"),
    ],
)
def test_what_cannot_be_read_is_said(client: TestClient, body: str, said: str) -> None:
    (error,) = client.post("/", content=body, headers={"Content-Type": "application/json"}).json()["detail"]
    assert error["type"] == "json_invalid"
    assert said in error["ctx"]["error"]


def test_objects_beside_each_other_may_have_the_same_keys(client: TestClient) -> None:
    answer = client.post("/", json={"text": [{"a": 1}, {"a": 2}, {"b": {"a": 3}}]})
    assert answer.json() == [{"a": 1}, {"a": 2}, {"b": {"a": 3}}]
