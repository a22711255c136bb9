"""What the tests of the pages share: a server in a thread, and a page with whatever it complained of."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.sync_api import Page

Opened = Callable[..., "Visit"]


@contextmanager
def served(app: "FastAPI") -> Iterator[str]:
    """The address at which `app` answers while the block runs."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Visit:
    """A page in the browser, and whatever it complained of or asked another machine for."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def heard(self, kind: str, text: str, *, fails: bool) -> None:
        """A line of the browser's console; an answer that is meant to fail is no complaint."""
        if kind in ("error", "warning") and not (fails and text.startswith("Failed to load resource")):
            self.complaints.append(text)
