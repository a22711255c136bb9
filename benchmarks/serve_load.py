"""A client that asks a server as many users do, or at a fixed rate, and what became of its requests."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import numpy as np

from tandem.serve.limits import DEADLINE_SECONDS

PATIENCE = DEADLINE_SECONDS + 2
"""Seconds after which a user goes away."""
DROPPED = 0
"""The status of a request without an answer, since its connection was ended."""
LATE = b"not answered within", b'"reason": "deadline"'
"""What the server says of a request, or of a text, that it has accepted and could not finish before its deadline."""

Outcome = Literal["answered", "refused", "late", "dropped"]
One = Callable[[int, "Load", float], Coroutine[Any, Any, None]]


@dataclass
class Load:
    """What became of requests: the seconds of answers and of refusals, how many were late, dropped or answered wrongly.

    Late is what the server says is late, and what the client has waited for longer than a deadline.
    """

    seconds: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    late: int = 0
    dropped: int = 0
    wrong: int = 0
    wall: float = 0.0

    def count(self, status: int, content: bytes, *, due: float) -> Outcome:
        """Notes what became of a request that was due then."""
        seconds = time.perf_counter() - due
        if status == DROPPED:
            self.dropped += 1
            return "dropped"
        is_refused = status == HTTPStatus.SERVICE_UNAVAILABLE and not any(sign in content for sign in LATE)
        if is_refused:
            self.refused.append(seconds)
            return "refused"
        if seconds > DEADLINE_SECONDS or any(sign in content for sign in LATE):
            self.late += 1
            return "late"
        self.seconds.append(seconds)
        return "answered"

    def summary(self) -> dict[str, float]:
        """In numbers; times in seconds."""
        return {
            "answered": len(self.seconds), "a_second": len(self.seconds) / self.wall, **quantiles(self.seconds),
            "late": self.late, "dropped": self.dropped, "wrong": self.wrong, "refused": len(self.refused),
            **{f"refused_{name}": value for name, value in quantiles(self.refused).items()},
        }  # fmt: skip

    def line(self) -> str:
        """The same in words."""
        told = {name: 1000 * value for name, value in quantiles(self.seconds).items()}
        refused = f", told in {1000 * quantiles(self.refused)['p99']:.0f} ms (p99)" if self.refused else ""
        return (
            f"{len(self.seconds) / self.wall:8.1f}/s  p50 {told['p50']:7.1f}  p99 {told['p99']:7.1f}  "
            f"most {told['most']:7.1f} ms  late {self.late}  dropped {self.dropped}  wrong {self.wrong}  "
            f"refused {len(self.refused)}{refused}"
        )


def quantiles(seconds: list[float]) -> dict[str, float]:
    """The middle, the hundredth part that took longest, and the longest."""
    p50, p99, most = np.quantile(seconds or [0.0], [0.5, 0.99, 1.0]).tolist()
    return {"p50": p50, "p99": p99, "most": most}


class Client:
    """Asks one server over connections that it keeps: a client library would take more time than the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, action: str, question: dict[str, Any]) -> tuple[int, bytes]:
        """Status and content of the answer to a question of the API."""
        return await self.send("POST", f"/api/v1/{action}", json.dumps(question).encode())

    def close(self) -> None:
        """Lets go of all connections on which nothing is asked."""
        while self.idle:
            self.idle.pop()[1].close()

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and content of any answer; 504 where none has come within `PATIENCE`, `DROPPED` for none at all."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        while True:
            is_kept = bool(self.idle)
            reader, writer = self.idle.pop() if is_kept else await asyncio.open_connection("127.0.0.1", self.port)
            try:
                async with asyncio.timeout(PATIENCE):
                    writer.write(head.encode() + body)
                    said = (await reader.readuntil(b"\r\n\r\n")).lower()
                    content = await _content(reader, said)
                break
            except TimeoutError:
                writer.close()
                return HTTPStatus.GATEWAY_TIMEOUT, b""
            except (asyncio.IncompleteReadError, ConnectionError):
                # A server ends connections on which nothing comes for a while.
                writer.close()
                if not is_kept:
                    return DROPPED, b""
        if b"\r\nconnection: close" in said:
            writer.close()
        else:
            self.idle.append((reader, writer))
        return int(said.split(b" ", 2)[1]), content


async def _content(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"transfer-encoding: chunked" not in head:
        return await reader.readexactly(int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]))
    content = b""
    while size := int(await reader.readline(), 16):
        content += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return content


async def by_users(one: One, *, requests: int, users: int) -> Load:
    """So many users, each of whom asks again as soon as there is an answer; `requests` are those of all together."""
    numbers, load = iter(range(requests)), Load()

    async def user() -> None:
        for number in numbers:
            await one(number, load, time.perf_counter())

    begin = time.perf_counter()
    await asyncio.gather(*(user() for _ in range(users)))
    load.wall = time.perf_counter() - begin
    return load


async def at_rate(one: One, *, rate: float, seconds: float) -> Load:
    """So many requests a second, whether the server keeps up or not.

    A time is counted from when the request was due, so that a server that falls behind cannot hide it.
    """
    gaps = np.random.default_rng(1).exponential(1 / rate, max(1, int(rate * seconds)))
    load, tasks, begin = Load(), [], time.perf_counter()
    for number, due in enumerate((begin + np.cumsum(gaps)).tolist()):
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, load, due)))
    await asyncio.gather(*tasks)
    load.wall = time.perf_counter() - begin
    return load


def same(one: Any, other: Any, *, close: float = 1e-5) -> bool:
    """Whether two answers are equal, their numbers to `close`."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], close=close) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b, close=close) for a, b in zip(one, other, strict=True))
    return bool(abs(one - other) <= close if isinstance(one, float) and isinstance(other, float) else one == other)
