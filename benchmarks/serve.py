"""What batching brings a server of a classifier: requests a second, and how long one waits.

    python -m benchmarks.serve
    python -m benchmarks.serve --quick

Two servers, one that answers up to 64 waiting requests together and one that answers each alone, are asked the same:
by users who ask again as soon as they are answered, and at fixed rates, whether the server keeps up or not. At a fixed
rate a time is counted from when the request was due, so that a server that falls behind cannot hide it. Every answer
is compared with that of the request alone.
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tandem.core.config import checked_recipe
from tandem.lab.run import train_run

TOGETHER = (64, 1)
CLOSE = 1e-5


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    numbers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        _train(run, width=options.width)
        for together in TOGETHER:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = int(free.getsockname()[1])
            server = multiprocessing.get_context("spawn").Process(target=_serve, args=(run, port, together))
            server.start()
            try:
                found = asyncio.run(_measured(port, options))
            finally:
                server.terminate()
                server.join(15)
            numbers[f"up to {together} together"] = {name: load.summary() for name, load in found.items()}
            for name, load in found.items():
                print(f"up to {together:>2} together  {name:<16} {load.line()}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


@dataclass
class Load:
    """What became of requests: seconds of those that were answered, and how many were refused or answered wrongly."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    wrong: int = 0
    wall: float = 0.0

    def summary(self) -> dict[str, float]:
        """In numbers."""
        p50, p99 = np.quantile(self.seconds, [0.5, 0.99]).tolist() if self.seconds else (0.0, 0.0)
        return {
            "answered": len(self.seconds), "a_second": len(self.seconds) / self.wall, "p50": p50, "p99": p99,
            "refused": self.refused, "wrong": self.wrong,
        }  # fmt: skip

    def line(self) -> str:
        """The same in words."""
        of = self.summary()
        return (
            f"{of['a_second']:8.1f}/s  p50 {1000 * of['p50']:7.1f} ms  p99 {1000 * of['p99']:7.1f} ms  "
            f"refused {self.refused}  wrong {self.wrong}"
        )


async def _measured(port: int, options: argparse.Namespace) -> dict[str, Load]:
    letters = np.random.default_rng(0).integers(0, 2, (256, options.length))
    texts = [" ".join("01"[bit] for bit in row[: 1 + number % options.length]) for number, row in enumerate(letters)]
    await _until_ready(port)
    alone = [await _ask(port, text) for text in texts]

    async def one(number: int, load: Load, due: float) -> None:
        status, answer = await _ask(port, texts[number % len(texts)])
        if status != 200:
            load.refused += 1
            return
        load.seconds.append(time.perf_counter() - due)
        load.wrong += not _same(answer, alone[number % len(texts)][1])

    found = {f"{options.users} users": await _timed(lambda load: _by_users(one, load, options))}
    for rate in options.rates:
        found[f"{rate} a second"] = await _timed(lambda load, rate=rate: _at_rate(one, load, rate, options))
    return found


async def _timed(work: Callable[[Load], Awaitable[None]]) -> Load:
    load, begin = Load(), time.perf_counter()
    await work(load)
    load.wall = time.perf_counter() - begin
    return load


async def _by_users(one: Callable[..., Awaitable[None]], load: Load, options: argparse.Namespace) -> None:
    numbers = iter(range(options.requests))

    async def user() -> None:
        for number in numbers:
            await one(number, load, time.perf_counter())

    await asyncio.gather(*(user() for _ in range(options.users)))


async def _at_rate(one: Callable[..., Awaitable[None]], load: Load, rate: int, options: argparse.Namespace) -> None:
    gaps = np.random.default_rng(1).exponential(1 / rate, int(rate * options.seconds))
    begin, tasks = time.perf_counter(), []
    for number, due in enumerate((begin + np.cumsum(gaps)).tolist()):
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, load, due)))
    await asyncio.gather(*tasks)


async def _ask(port: int, text: str) -> tuple[int, dict[str, Any]]:
    """Status and answer, over a connection of its own: a client library would take more time than the server."""
    body = json.dumps({"text": text}).encode()
    head = (
        f"POST /api/v1/classify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    start, _, content = answer.partition(b"\r\n\r\n")
    return int(start.split(b" ", 2)[1]), json.loads(content)


async def _until_ready(port: int) -> None:
    for _ in range(1200):
        try:
            if (await _ask(port, "1"))[0] == 200:
                return
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("the server is not ready after two minutes")


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = zip(one["labels"], other["labels"], strict=True)
    return all(a["label"] == b["label"] and abs(a["probability"] - b["probability"]) < CLOSE for a, b in pairs)


def _serve(run: Path, port: int, together: int) -> None:
    """The server, as a process of its own."""
    from tandem.serve.app import create_app
    from tandem.serve.batching import Batcher
    from tandem.serve.guards import Access
    from tandem.serve.metrics import Metrics
    from tandem.serve.process import listening
    from tandem.serve.process import run as serve
    from tandem.serve.served import open_all

    app = create_app(open_all([run], refuse=print), access=Access(), batcher=Batcher(Metrics(), together=together))
    serve(app, listening("127.0.0.1", port), ready="", say=lambda _: None)


def _train(folder: Path, *, width: int) -> None:
    content: dict[str, Any] = {
        "encoder": "attention*4", "task": "classify", "corpus": {"name": "parity", "rows": 200, "longest": 8},
        "tokenizer": {"kind": "words", "size": 16}, "model": {"width": width}, "data": {"length": 64},
        "train": {"precision": "fp32"}, "budget": {"steps": 1},
    }  # fmt: skip
    for _ in train_run(checked_recipe(content, where="benchmark"), folder):
        pass


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--requests", type=int, default=4000, help="of all users together")
    parser.add_argument("--rates", type=int, nargs="*", default=[50, 200, 800], help="requests a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="so long at each rate")
    parser.add_argument("--length", type=int, default=32, help="tokens of the longest text")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="a moment, to see that it runs")
    options = parser.parse_args()
    if options.quick:
        options.users, options.requests, options.rates, options.seconds = 8, 60, [20], 1.0
    return options


if __name__ == "__main__":
    main()
