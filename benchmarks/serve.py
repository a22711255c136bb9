"""What batching brings a server of a classifier, beside transformers' pipeline: requests a second, and waiting times.

    python -m benchmarks.serve
    python -m benchmarks.serve --quick

Four servers of one model take turns: Tandem's, which answers up to 64 waiting requests together or each alone, and
transformers' pipeline on the exported model behind FastAPI and uvicorn in one process as well, which is handed up to 64
waiting texts as one batch, or one text at a time. All are asked the same: by users who ask again as soon as they are
answered, and at fixed rates, whether the server keeps up or not. Every answer is compared with what Tandem tells of the
text alone. At last Tandem's server is asked twice as much as it has answered: what it accepts must be in time.
Where transformers, of the extra `interop`, is not installed, its servers are left out.
"""

import argparse
import asyncio
import importlib.util
import json
import resource
import sys
import tempfile
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks import serve_processes
from benchmarks.contest import ratio
from benchmarks.recipes import trained
from benchmarks.serve_load import Client, Load, One, at_rate, by_users, same
from benchmarks.serve_processes import Server, running
from tandem.lab.doctor.machine import machine
from tandem.lab.folder import open_run

BATCHED, ALONE = "tandem, together", "tandem, alone"
PEER_BATCHED, PEER_ALONE = "transformers, together", "transformers, alone"
OVERLOAD = 2
GAIN = 3.0


def main() -> None:
    """Measures, and prints a table."""
    options = _options()
    print(machine(torch.device("cpu")), f"width {options.width}, up to {options.length} tokens", sep="\n")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        run = Path(folder) / "run"
        _train(run, options)
        ways = {BATCHED: (serve_processes.tandem, run, 64), ALONE: (serve_processes.tandem, run, 1)}
        if exported := _exported(run, Path(folder) / "exported"):
            ways[PEER_BATCHED] = (serve_processes.pipeline, exported, 64)
            ways[PEER_ALONE] = (serve_processes.pipeline, exported, 1)
        servers = {
            name: stack.enter_context(running(serve, [path], together=together))
            for name, (serve, path, together) in ways.items()
        }
        found = asyncio.run(_measured(servers, options))
    speeds = {
        name: [each["a_second"] for each in turns] for name, turns in found[f"{options.users} users"].items()
    }  # fmt: skip
    for other in list(speeds)[1:]:
        told = ratio(speeds[BATCHED], speeds[other])
        print(f"{BATCHED} / {other}: {told['median']:.2f} ({told['min']:.2f}-{told['max']:.2f})")
    ours = [load for loads in found.values() for name in (BATCHED, ALONE) for load in loads.get(name, [])]
    gain = ratio(speeds[BATCHED], speeds[ALONE])["median"]
    for promise, kept in (
        (f"together at least {GAIN:g} times as fast as alone", gain >= GAIN),
        (
            "what was accepted was in time, and all else told, at twice what can be answered too",
            not any(load["late"] or load["dropped"] for load in ours),
        ),
        ("every answer is the one that is given alone", not any(load["wrong"] for load in ours)),
    ):
        print(f"{'pass' if kept else 'FAIL'}  {promise}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def _measured(
    servers: dict[str, Server], options: argparse.Namespace
) -> dict[str, dict[str, list[dict[str, float]]]]:
    """The summaries of every round, by load and server."""
    letters = np.random.default_rng(0).integers(0, 2, (256, options.length))
    texts = [" ".join("01"[bit] for bit in row[: 1 + number % options.length]) for number, row in enumerate(letters)]
    for server in servers.values():
        server.until_ready()
    clients = {name: Client(server.port) for name, server in servers.items()}
    alone = [_by_label((await clients[BATCHED].ask("classify", {"text": text}))[1]) for text in texts]

    def asking(client: Client) -> One:
        async def one(number: int, load: Load, due: float) -> None:
            place = number % len(texts)
            status, content = await client.ask("classify", {"text": texts[place]})
            if load.count(status, content, due=due) == "answered":
                load.wrong += not same(_by_label(content), alone[place])

        return one

    ones = {name: asking(client) for name, client in clients.items()}
    # The first requests fill caches.
    for one in ones.values():
        await by_users(one, requests=options.users, users=options.users)
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    # A server that refuses nobody has thousands of connections under a load that it cannot bear.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def noted(kind: str, name: str, work: Coroutine[Any, Any, Load]) -> None:
        begin = servers[name].seconds()
        load = await work
        for client in clients.values():
            client.close()
        computed = (servers[name].seconds() - begin) / max(1, len(load.seconds))
        print(f"{kind:<13} {name:<22} {load.line()}  computed {1000 * computed:.2f} ms an answer", flush=True)
        found.setdefault(kind, {}).setdefault(name, []).append({**load.summary(), "computed": computed})

    users = f"{options.users} users"
    for _ in range(options.rounds):
        for name, one in ones.items():
            await noted(users, name, by_users(one, requests=options.requests, users=options.users))
    for rate in options.rates:
        for name, one in ones.items():
            await noted(f"{rate} a second", name, at_rate(one, rate=rate, seconds=options.seconds))
    capacity = median(each["a_second"] for each in found[users][BATCHED])
    await noted("overload", BATCHED, at_rate(ones[BATCHED], rate=OVERLOAD * capacity, seconds=options.seconds))
    return found


def _by_label(content: bytes) -> dict[str, Any]:
    return {one["label"]: one["probability"] for one in json.loads(content)["labels"]}


def _exported(run: Path, folder: Path) -> Path | None:
    if importlib.util.find_spec("transformers") is None:
        print("without transformers: it is not installed", file=sys.stderr)
        return None
    from transformers.utils.logging import disable_progress_bar

    from tandem.interop.export import export

    disable_progress_bar()
    return export(open_run(run), to="transformers", out=folder).folder


def _train(folder: Path, options: argparse.Namespace) -> None:
    content: dict[str, Any] = {
        "encoder": options.encoder, "task": "classify", "corpus": {"name": "parity", "rows": 200, "longest": 8},
        "tokenizer": {"kind": "words", "size": 16}, "model": {"width": options.width}, "data": {"length": 64},
        "train": {"precision": "fp32"}, "budget": {"steps": 1},
    }  # fmt: skip
    trained(content, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--encoder", default="attention*4", help="default attention*4")
    parser.add_argument("--width", type=int, default=256, help="of the hidden states (default 256)")
    parser.add_argument("--length", type=int, default=32, help="tokens of the longest text (default 32)")
    parser.add_argument("--users", type=int, default=64, help="who ask again when they are answered (default 64)")
    parser.add_argument("--requests", type=int, default=4000, help="of all users together, a turn (default 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of every server (default 3)")
    parser.add_argument("--rates", type=int, nargs="*", default=[50, 200, 400], help="requests a second")
    parser.add_argument("--seconds", type=float, default=15.0, help="so long at each rate (default 15)")
    parser.add_argument("--quick", action="store_true", help="a moment, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number to this file as well")
    options = parser.parse_args()
    if options.quick:
        options.users, options.requests, options.rounds, options.rates, options.seconds = 8, 40, 1, [20], 1.0
        options.width = 32
    return options


if __name__ == "__main__":
    main()
