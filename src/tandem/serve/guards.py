"""What every request passes before the application sees it: who asks, from where, how much, and how slowly."""

import asyncio
import hmac
import ipaddress
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.serve import limits
from tandem.serve.batching import Batcher
from tandem.serve.problems import Problem

LOG = logging.getLogger(__name__)
OPEN_TO_ALL = ("/livez", "/readyz")
NEEDS_TOKEN = ("/api/", "/metrics", "/openapi.json")
"""Pages and their files hold nothing secret, and a browser that opens a page sends no token."""
NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Set where the application says nothing else."""


@dataclass(frozen=True)
class Access:
    """Who may ask: under which names the server is called (None for any), and with which token."""

    names: frozenset[str] | None = NAMES
    token: str | None = None

    def check(self, scope: Scope) -> None:
        """Whether the request may pass.

        Raises:
            Problem: another host or origin, or a wrong token.
        """
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = _name(host)
        if name is None or (self.names is not None and name not in self.names and not _is_loopback(name)):
            raise Problem(421, "this server is not called so", fix="open it under the address that it printed")
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            raise Problem(403, "a page of another origin asks", fix="ask from this server's own pages, or no browser")
        path = scope["path"]
        if self.token is None or not path.startswith(NEEDS_TOKEN):
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token.encode()):
            raise Problem(401, "no token, or a wrong one", fix="send the header Authorization: Bearer TOKEN")


class Guards:
    """Checks a request, reads its body, and stops the work for a client that leaves."""

    def __init__(self, app: ASGIApp, *, access: Access, batcher: Batcher, routes: frozenset[str]) -> None:
        self.app, self.access, self.batcher, self.routes = app, access, batcher, routes
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 0
        # A route that does not exist is no label: everybody could make new ones.
        route = scope["path"] if scope["path"] in self.routes else "other"

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        self.open += 1
        try:
            if self.open > limits.OPEN_REQUESTS and route not in OPEN_TO_ALL:
                raise Problem(503, f"{self.open} requests are open", fix="ask again in a moment", retry_after=1)
            self.access.check(scope)
            if scope["method"] == "POST":
                # All questions are posted: a full queue refuses one before it costs anything to read it.
                self.batcher.check_room()
            await self._pass(scope, await _body(scope, receive), receive, sending)
        except Problem as problem:
            more = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
            response = problem.response({"Connection": "close", **more})
            await sending(
                {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
            )
            # All of the answer, and not yet its end: with that the connection is closed.
            await sending({"type": "http.response.body", "body": response.body, "more_body": True})
            await _drained(receive)
            await sending({"type": "http.response.body", "body": b"", "more_body": False})
        except Exception as error:
            LOG.error("a request failed", exc_info=error)
            if status:
                raise
            await Problem.of(error).response()(scope, receive, sending)
        except asyncio.CancelledError:
            if not status:
                stopping = Problem(503, "the server has stopped", fix="ask again when it is back", retry_after=5)
                await stopping.response({"Connection": "close"})(scope, receive, sending)
            raise
        finally:
            self.open -= 1
            self.batcher.metrics.requests.labels(route, str(status)).inc()
            self.batcher.metrics.seconds.labels(route).observe(time.perf_counter() - begin)

    async def _pass(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Lets the application answer; its task is cancelled when the client leaves."""
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        never = asyncio.Event()

        async def read() -> Message:
            if not unread:
                await never.wait()
            return unread.pop()

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        answering, watching = (asyncio.ensure_future(one) for one in (self.app(scope, read, send), watch()))
        try:
            await asyncio.wait((answering, watching), return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            for task in (answering, watching):
                task.cancel()
            await asyncio.wait((answering, watching))


async def _drained(receive: Receive) -> None:
    """Reads what is still on its way."""
    left = limits.DRAIN_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


async def _body(scope: Scope, receive: Receive) -> bytes:
    """All of a request's body.

    Raises:
        Problem: it is too long, or does not come in time.
    """
    too_long = Problem(413, f"a body may have at most {limits.BODY_BYTES} bytes", fix="send less text at a time")
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or len(declared) > len(str(limits.BODY_BYTES)) or int(declared) > limits.BODY_BYTES:
        raise too_long
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(limits.BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > limits.BODY_BYTES:
                    raise too_long
    except TimeoutError:
        fix = "send the body at once"
        raise Problem(408, f"the body did not come within {limits.BODY_SECONDS:g} s", fix=fix) from None
    return bytes(body)


def _name(host: str) -> str | None:
    """The name in a header Host, without its port; None where it is none."""
    if not (host.isascii() and host.isprintable()) or set(host) & set("/@?#\\ "):
        return None
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
