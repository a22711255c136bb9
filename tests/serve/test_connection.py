"""Clients that are slow, and clients that leave, over real sockets."""

import json
import socket
import time
import urllib.request
from contextlib import ExitStack

from asked import get

from tandem.serve import limits


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
