"""HTTP/1.1 as uvicorn speaks it, for clients that send their header in time, and read what they are sent."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tandem.serve import limits
from tandem.serve.guards import HEADERS
from tandem.serve.problems import Problem


def connections_allowed() -> int:
    """How many connections may be open at a time: lets the process open a file for each, as far as the system does."""
    try:
        import resource
    except ModuleNotFoundError:
        # On Windows a process has no such bound.
        return limits.CONNECTIONS
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.CONNECTIONS + limits.OTHER_FILES
    if files == resource.RLIM_INFINITY or files >= wanted:
        return limits.CONNECTIONS
    files = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(1, files - limits.OTHER_FILES)


class Connection(H11Protocol):
    """Ends a connection on which a header has begun, or should begin, and is not there in time, or nothing is read.

    uvicorn only ends a connection that is idle between two requests.
    """

    most = limits.CONNECTIONS
    late: asyncio.TimerHandle | None = None
    stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # Told at the first byte that the system does not take, and again when it has taken all.
        transport.set_write_buffer_limits(high=0)
        self.late = self.loop.call_later(limits.HEADER_SECONDS, self._close_if_late)
        if len(self.connections) > self.most:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._awaits_header():
            self.late = self.late or self.loop.call_later(limits.HEADER_SECONDS, self._close_if_late)
        else:
            self._forget()

    def pause_writing(self) -> None:
        super().pause_writing()
        # Closed, it would wait for its reader for ever.
        self.stuck = self.loop.call_later(limits.READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stuck is not None:
            self.stuck.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        if self.stuck is not None:
            self.stuck.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is answered as every other mistake is."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            problem = Problem(400, msg, fix="send a request of HTTP/1.1, with a header of at most 64 kB")
            response = problem.response({**HEADERS, "Connection": "close"})
            head = h11.Response(status_code=400, headers=response.raw_headers, reason=b"Bad Request")
            for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _awaits_header(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_late(self) -> None:
        self.late = None
        if self._awaits_header() and not self.transport.is_closing():
            self.transport.close()

    def _forget(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None
