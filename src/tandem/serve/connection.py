"""HTTP/1.1 as uvicorn speaks it, for clients that send their header in time."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from tandem.serve import limits


class Connection(H11Protocol):
    """Closes a connection on which a header has begun, or should begin, and is not there in time.

    uvicorn only ends a connection that is idle between two requests.
    """

    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.late = self.loop.call_later(limits.HEADER_SECONDS, self._close_if_late)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._awaits_header():
            self.late = self.late or self.loop.call_later(limits.HEADER_SECONDS, self._close_if_late)
        else:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

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
