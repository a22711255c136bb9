"""Clients that are slow, and clients that leave, over real sockets."""

import json
import socket
import time
import urllib.request
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from asked import get, listening, until
from starlette.responses import Response

from tandem.serve import limits
from tandem.serve.connection import Connection, connections_allowed


def read_all(one: socket.socket) -> bytes:
    """Everything until the server closes."""
    return b"".join(iter(lambda: one.recv(65536), b""))


def test_who_is_slow_is_let_go(port: int) -> None:
    head = f"POST /api/v1/classify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n".encode()
    body = head + b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"
    with ExitStack() as stack:
        begin = time.monotonic()
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(3)]
        for one, sent in zip(sockets, (b"", head, body), strict=True):
            one.sendall(sent)
        found = [read_all(one) for one in sockets]
        took = time.monotonic() - begin
    assert limits.HEADER_SECONDS - 1 < took < limits.HEADER_SECONDS + 8
    assert found[:2] == [b"", b""]
    assert found[2].startswith(b"HTTP/1.1 408")
    assert get(port, "/livez")[0] == 200


def test_a_second_header_on_a_connection_must_come_in_time_too(port: int) -> None:
    first = f"GET /livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(first)
        assert one.recv(65536).startswith(b"HTTP/1.1 200")
        begin = time.monotonic()
        one.sendall(b"GET /livez HTTP/1.1\r\nHo")
        read_all(one)
        assert limits.HEADER_SECONDS - 1 < time.monotonic() - begin < limits.HEADER_SECONDS + 8


def test_a_header_of_any_length_is_not_read(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(b"GET /livez HTTP/1.1\r\nX: " + b"x" * 100_000)
        assert one.recv(65536).startswith(b"HTTP/1.1 400")


def test_the_work_of_a_client_that_leaves_is_stopped(port: int) -> None:
    question = {"model": "clm", "text": "The spring", "tokens": limits.GENERATED_TOKENS}
    body = json.dumps(question).encode()
    head = f"POST /api/v1/generate HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert one.recv(100).startswith(b"HTTP/1.1 200")
    for _ in range(100):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            if b"\ntandem_waiting_requests 0.0" in answer.read():
                return
        time.sleep(0.02)
    raise AssertionError("the text is still being continued")


def head(port: int, size: int, path: str = "/api/v1/tag") -> bytes:
    lines = (f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json")
    return "".join(f"{line}\r\n" for line in (*lines, f"Content-Length: {size}", "")).encode()


def test_who_still_sends_hears_that_the_server_is_busy(app: Any) -> None:
    with listening(app) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        app.state.batcher.stop()
        one.sendall(head(port, 200_000) + b" " * 100_000)
        # A connection that is closed before all was read is reset, and the answer lost with it.
        for _ in range(4):
            time.sleep(0.1)
            one.sendall(b" " * 25_000)
        begin = time.monotonic()
        answer = read_all(one)
        assert time.monotonic() - begin < 1
    said, _, content = answer.partition(b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 503")
    assert b"\r\nretry-after: 5" in said.lower()
    assert b"\r\ncontent-type: application/problem+json" in said.lower()
    assert json.loads(content)["status"] == 503


def test_what_is_refused_is_not_read_for_ever(app: Any) -> None:
    with listening(app) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(head(port, limits.BODY_BYTES + 1))
        begin = time.monotonic()
        assert one.recv(65536).startswith(b"HTTP/1.1 413")
        assert time.monotonic() - begin < 0.5
        read_all(one)
        assert limits.DRAIN_SECONDS - 0.5 < time.monotonic() - begin < limits.DRAIN_SECONDS + 2


def test_who_does_not_read_is_let_go(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 2**24
    app.add_api_route("/much", lambda: Response(b"x" * size))
    monkeypatch.setattr(limits, "READ_SECONDS", 0.5)
    with listening(app) as (port, server):
        ask = f"GET /much HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
            one.sendall(ask)
            assert len(read_all(one)) > size
        with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
            one.sendall(ask)
            time.sleep(0.3)
            assert server.server_state.connections
            time.sleep(1)
            assert not server.server_state.connections
            assert not server.server_state.tasks


def test_so_many_connections_and_no_more(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "most", 3)
    with listening(app) as (port, server), ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        until(lambda: len(server.server_state.connections) == 3)
        with socket.create_connection(("127.0.0.1", port), timeout=2) as one, suppress(ConnectionResetError):
            assert one.recv(1) == b""


@pytest.mark.parametrize(
    ("files", "most", "then", "connections"),
    [(100, 100, 100, 40), (30, 100, 50, 40), (30, 30, 30, 20), (5, 5, 5, 1), (30, -1, 50, 40), (-1, -1, -1, 40)],
)
def test_a_file_is_allowed_for_each_connection(
    files: int, most: int, then: int, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    now = [files, most]
    monkeypatch.setattr(limits, "CONNECTIONS", 40)
    monkeypatch.setattr(limits, "OTHER_FILES", 10)
    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(now))
    monkeypatch.setattr(resource, "setrlimit", lambda _, to: now.__setitem__(slice(None), to))
    assert (connections_allowed(), now) == (connections, [then, most])


def test_so_many_requests_and_no_more(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OPEN_REQUESTS", 2)
    with listening(app) as (port, server), ExitStack() as stack:
        for _ in range(2):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            one.sendall(head(port, 20) + b"{")
        until(lambda: len(server.server_state.tasks) == 2)
        assert get(port, "/livez")[0] == 200
        status, content = get(port, "/api/v1/models")
        assert (status, json.loads(content)["detail"]) == (503, "3 requests are open")


@pytest.mark.parametrize("sent", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n\r\n"])
def test_what_is_no_http_is_answered_as_every_mistake(app: Any, sent: bytes) -> None:
    with listening(app) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(sent)
        said, _, content = read_all(one).partition(b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in said
    assert b"content-security-policy" in said.lower()
    assert json.loads(content)["fix"]
