"""Asks a real server over a real socket."""

import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def get(port: int, path: str, content: dict[str, Any] | None = None) -> tuple[int, bytes]:
    """Status and content of an answer; `content` is posted as JSON."""
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=data, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def until(holds: Callable[[], object]) -> None:
    """Waits, for ten seconds at most, for what another thread or process brings about."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "waited for in vain"
        time.sleep(0.01)


@contextmanager
def listening(app: Any) -> Iterator[tuple[int, Any]]:
    """The port at which `app` is served in a thread of this process, and the server."""
    import uvicorn

    from tandem.serve import process

    place, server = process.listening("127.0.0.1", 0), uvicorn.Server(process.configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield place.getsockname()[1], server
    finally:
        server.should_exit = True
        thread.join()


def ready_port(process: "subprocess.Popen[str]") -> int:
    """Where `tandem serve` listens, when it is ready."""
    found = None
    assert process.stdout
    while found is None:
        line = process.stdout.readline()
        assert line, "the server ended"
        found = re.match(r"http://127\.0\.0\.1:(\d+)/", line)
    number = int(found[1])
    for _ in range(600):
        try:
            if get(number, "/readyz")[0] == 200:
                return number
        except OSError:
            time.sleep(0.05)
    raise AssertionError("never ready")
