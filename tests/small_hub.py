"""A hub of one data set on a port of this machine, in the little of the Hugging Face protocol that fetching needs."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


class SmallHub(ThreadingHTTPServer):
    """Serves `files` (path: content) as one commit, and remembers which paths were asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.files = files
        self.asked: list[str] = []
        self.silent_about = "nothing"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def commit(self) -> str:
        return hashlib.sha1(repr(sorted(self.files.items())).encode()).hexdigest()


class _Answers(BaseHTTPRequestHandler):
    server: SmallHub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        hub, path = self.server, unquote(urlsplit(self.path).path)
        hub.asked.append(path)
        if hub.silent_about in path:
            threading.Event().wait()
        name = path.partition(f"/resolve/{hub.commit}/")[2]
        if "/revision/" in path:
            self._send(json.dumps({"id": "house/reviews", "sha": hub.commit, "siblings": []}).encode())
        elif "/tree/" in path:
            self._send(json.dumps([self._listed(name, content) for name, content in hub.files.items()]).encode())
        elif name in hub.files:
            self._send(hub.files[name])
        else:
            self.send_error(404)

    def _listed(self, name: str, content: bytes) -> dict[str, Any]:
        return {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.server.commit)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[SmallHub]:
    """A hub that answers until the end of the block, and refuses connections from then on."""
    with SmallHub(files) as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        yield hub
        hub.shutdown()
