"""The server as a process: its address, and how it ends."""

import asyncio
import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import uvicorn
from fastapi import FastAPI

from tandem.core.errors import UsageError
from tandem.serve import limits
from tandem.serve.batching import Batcher
from tandem.serve.connection import Connection, connections_allowed
from tandem.serve.guards import NAMES

LOOK_SECONDS = 0.05


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to that address; port 0 takes a free one.

    Raises:
        UsageError: the address is taken, or not one of this machine, or none at all.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # asyncio sends at once where a socket names its protocol. Else an answer on a kept connection takes 40 ms more:
        # its body waits until the client has acknowledged its header.
        with ExitStack() as unless_bound:
            found = unless_bound.enter_context(socket.socket(family, kind, protocol))
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            # Not before it listens is the address taken: two servers that open their models at once would both have it.
            found.listen()
            unless_bound.pop_all()
    except OSError as error:
        raise UsageError(f"--host {host} --port {port}: {error.strerror}; choose another --port") from None
    except UnicodeError:
        raise UsageError(f"--host {host}: not the name of a machine; give an address of this one") from None
    return found


def names(host: str, place: socket.socket) -> frozenset[str] | None:
    """The names under which the server at `place` is asked; None, for any, where it listens at every address."""
    is_everywhere = ipaddress.ip_address(place.getsockname()[0]).is_unspecified
    return None if is_everywhere else NAMES | {host.lower()}


def configured(app: FastAPI) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app, http=Connection, ws="none", loop="asyncio", lifespan="on", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=1, timeout_keep_alive=5,
    )  # fmt: skip


def run(app: FastAPI, place: socket.socket, *, ready: str, say: Callable[[str], None]) -> None:
    """Serves until SIGTERM or Ctrl-C; then takes nothing more, answers what it has accepted, and returns.

    `say` is told `ready` when requests are taken, and when the end begins. `limits.STOP_SECONDS` after the first signal
    the process is gone, whatever still runs.
    """
    batcher: Batcher = app.state.batcher
    Connection.most = connections_allowed()
    _Server(configured(app), batcher, ready, say).run(sockets=[place])
    if batcher.is_alive:
        # A computation that nothing could stop: the interpreter would not end before it, or would crash under it.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(0)


class _Server(uvicorn.Server):
    """Ends in two steps: first it is not ready, then, when everything accepted is answered, it is gone."""

    def __init__(self, config: uvicorn.Config, batcher: Batcher, ready: str, say: Callable[[str], None]) -> None:
        super().__init__(config)
        self.batcher, self.ready, self.say = batcher, ready, say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.say(self.ready)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In place of uvicorn's, which ends the process by the signal: an orderly end has the exit code 0."""
        loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []

        def stop() -> None:
            if self.batcher.is_stopping:
                self.should_exit = self.force_exit = True
                return
            self.batcher.stop()
            tasks.append(loop.create_task(self._drain()))
            # Whoever read what the server says may have gone.
            with suppress(OSError):
                self.say("stopping: what was accepted is still answered")

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def _drain(self) -> None:
        """Goes on listening, to say that it is not ready, until all is answered."""
        end = time.monotonic() + limits.DEADLINE_SECONDS
        while not self.batcher.is_idle and time.monotonic() < end:
            await asyncio.sleep(LOOK_SECONDS)
        self.should_exit = True
