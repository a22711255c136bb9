"""Servers as processes of their own: Tandem's, and one around transformers' pipeline in the same layout."""

import asyncio
import multiprocessing
import os
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tandem.serve.process import listening

Serve = Callable[[Sequence[Path], socket.socket, int], None]


@dataclass(frozen=True)
class Server:
    """A server that runs, or begins to."""

    port: int
    process: BaseProcess

    def until_ready(self) -> None:
        """Waits.

        Raises:
            SystemExit: it ends before it is ready.
        """
        while not _is_ready(self.port):
            if not self.process.is_alive():
                raise SystemExit(f"the server ended with code {self.process.exitcode}; what it said stands above")
            time.sleep(0.05)

    def megabytes(self) -> float:
        """The memory that it has now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:"))

    def seconds(self) -> float:
        """How long all its threads have computed: what others do on the machine changes it little."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(serve: Serve, folders: Sequence[Path], *, together: int) -> Iterator[Server]:
    """A server of these models that answers up to `together` requests at once; it ends with the block."""
    # As the command line does: see tandem/cli/main.py.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    with listening("127.0.0.1", 0) as place:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(folders, place, together), daemon=True
        )
        process.start()
        port = int(place.getsockname()[1])
    try:
        yield Server(port, process)
    finally:
        process.terminate()
        process.join(15)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def tandem(folders: Sequence[Path], place: socket.socket, together: int) -> None:
    """Tandem's server of finished runs."""
    from tandem.serve.app import create_app
    from tandem.serve.batching import Batcher
    from tandem.serve.guards import Access
    from tandem.serve.metrics import Metrics
    from tandem.serve.process import run
    from tandem.serve.served import open_all

    app = create_app(open_all(folders, refuse=print), access=Access(), batcher=Batcher(Metrics(), together=together))
    run(app, place, ready="", say=lambda _: None)


def pipeline(folders: Sequence[Path], place: socket.socket, together: int) -> None:
    """transformers' pipeline for the classes of texts behind FastAPI and uvicorn, in one process.

    What waits while it answers is handed to it together, as a batch of its own: as transformers' guide to pipelines
    behind a web server recommends, and as Tandem's server does.
    """
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from transformers import pipeline as pipeline_of
    from transformers.utils.logging import disable_progress_bar

    import tandem.interop.transformers  # noqa: F401 - makes our models known to transformers

    disable_progress_bar()
    tell = pipeline_of("text-classification", model=str(folders[0]), device="cpu", top_k=None)
    waiting: asyncio.Queue[tuple[str, asyncio.Future[list[dict[str, Any]]]]] = asyncio.Queue()
    app, tasks = FastAPI(), set[asyncio.Task[None]]()

    class Question(BaseModel):
        text: str

    async def work() -> None:
        while True:
            taken = [await waiting.get()]
            while len(taken) < together and not waiting.empty():
                taken.append(waiting.get_nowait())
            texts = [text for text, _ in taken]
            for (_, answer), found in zip(
                taken, await asyncio.to_thread(tell, texts, batch_size=len(texts)), strict=True
            ):
                answer.set_result(found)

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        return {}

    @app.post("/api/v1/classify")
    async def classify(asked: Question) -> dict[str, Any]:
        if not tasks:
            tasks.add(asyncio.create_task(work()))
        answer: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        await waiting.put((asked.text, answer))
        return {"labels": [{"label": one["label"], "probability": one["score"]} for one in await answer]}

    config = uvicorn.Config(app, http="h11", loop="asyncio", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[place])
