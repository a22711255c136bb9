"""Small finished runs of every kind of model, and the application that serves them, asked without a socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from running import tiny, trained

from tandem.lab.folder import open_run

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("prometheus_client", reason="the extra web is not installed")
httpx = pytest.importorskip("httpx", reason="httpx is not installed")

PIECES = {"tokenizer__kind": "wordpiece", "tokenizer__size": 120}
RUNS: dict[str, dict[str, Any]] = {
    "mlm": {"encoder": "attention | lstm"},
    "learned": {"encoder": "positions[kind=learned] > attention"},
    "clm": {"task": "clm", "encoder": "gru", "tokenizer__kind": "bpe", "tokenizer__size": 300},
    "classify": {"task": "classify", "encoder": "attention | gru"},
    "tag": {"task": "tag", "encoder": "gru", **PIECES},
    "siamese": {"task": "siamese", "encoder": "lstm", **PIECES},
    "cross": {"task": "cross", "encoder": "attention", "objective__compare": True, **PIECES},
}
CORPORA = {
    "classify": ("reviews.csv", {"text": "text", "label": "label"}),
    "tag": ("tags.jsonl", {"text": "words", "tags": "tags"}),
    "siamese": ("pairs.csv", {"text": "text", "second": "second", "label": "label"}),
    "cross": ("alike.csv", {"text": "text", "second": "second", "score": "score"}),
}


def write_corpora(folder: Path) -> None:
    """A small corpus of each kind."""
    warm = ["warm" if day % 3 else "cold" for day in range(90)]
    tables = {
        "reviews.csv": ["text,label", *(f"day {day} is {one},{one}" for day, one in enumerate(warm))],
        "pairs.csv": [
            "text,second,label", *(f"day {day} is {one},it is cold,{one == 'cold'}" for day, one in enumerate(warm))
        ],
        "alike.csv": ["text,second,score", *(f"day {day} is {o},it is {o},{day % 5}.5" for day, o in enumerate(warm))],
        "tags.jsonl": [json.dumps({"words": ["day", f"{n}", "blows"], "tags": ["O", "B-N", "O"]}) for n in range(90)],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def run_folders(book: Path, reversing_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A finished run of every kind."""
    folder = tmp_path_factory.mktemp("serve")
    write_corpora(folder)
    found = {"translate": reversing_run}
    for name, changes in RUNS.items():
        if name in CORPORA:
            table, columns = CORPORA[name]
            changes = {**changes, "corpus": {"name": "file", "path": str(folder / table), **columns}}
        found[name] = trained(tiny(book, budget__steps=3, **changes), folder / "runs" / name)
    return found


@pytest.fixture(scope="session")
def served(run_folders: dict[str, Path]) -> list[Any]:
    """The same, open."""
    from tandem.serve.served import Served

    return [Served(name, open_run(path)) for name, path in run_folders.items()]


@pytest.fixture
def app(served: list[Any]) -> Any:
    """The application over all of them."""
    from tandem.serve.app import create_app
    from tandem.serve.guards import Access

    return create_app(served, access=Access())


@pytest.fixture
def talk(app: Any) -> Callable[[Callable[[Any], Awaitable[Any]]], Any]:
    """Runs a conversation with the application: `talk(conversation)` calls it with a client."""

    def run(conversation: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
        async def inside() -> Any:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", **options) as client,
            ):
                return await conversation(client)

        return asyncio.run(inside())

    return run


@pytest.fixture
def ask(talk: Callable[..., Any]) -> Callable[..., Any]:
    """`ask("classify", text="...")` posts one question and returns the answer."""

    def post(action: str, **question: Any) -> Any:
        return talk(lambda client: client.post(f"/api/v1/{action}", json=question))

    return post
