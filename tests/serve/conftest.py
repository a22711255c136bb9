"""Small finished runs of every kind of model, and the application that serves them, asked without a socket."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asked import ready_port
from running import started

from tandem.lab.folder import open_run

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("prometheus_client", reason="the extra web is not installed")
httpx = pytest.importorskip("httpx", reason="httpx is not installed")


@pytest.fixture(scope="session")
def served(run_folders: dict[str, Path]) -> list[Any]:
    """The same, open."""
    from tandem.serve.served import Served

    return [Served(name, open_run(path)) for name, path in run_folders.items()]


@pytest.fixture
def model(served: list[Any]) -> Callable[[str], Any]:
    """`model("clm")` is one of them."""
    return {one.id: one for one in served}.__getitem__


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
def process(run_folders: dict[str, Path], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`tandem serve` over two runs."""
    with started("serve", run_folders["clm"], run_folders["classify"], "--port", 0, cwd=tmp_path) as one:
        yield one


@pytest.fixture
def port(process: subprocess.Popen[str]) -> int:
    """Where it listens, when it is ready."""
    return ready_port(process)
