"""A store whose behaviour a test chooses, on a real unix socket: for what a healthy store never does."""

import json
import socketserver
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


def hit(
    solution: str = "Install PyYAML.", *, confidence: float = 0.95, automatic: bool = True
) -> dict[str, Any]:
    """One search hit as the store writes it."""
    return {
        "id": str(uuid.uuid4()), "title": "No module named yaml", "context_text": "c",
        "solution_text": solution, "tags": ["python"], "kind": "fix", "confidence": confidence,
        "why": ["same error signature"],
        "trust": {"status": "published", "origin": "person"}, "automatic": automatic,
    }  # fmt: skip


class StandInStore:
    """Answers every search with `answer`, after `delay` seconds, with `drip` seconds after each byte.

    Attributes:
        answer: a JSON document, or bytes that are sent as they are.
        searches: the bodies that were asked for.
        traces: what can be read, by id; nothing else is found.
        reads: the addresses that were read, but for the lease.
        is_old: it reads one trace at a time.
        fails: it reads nothing.
    """

    def __init__(self) -> None:
        self.answer: Any = {"hits": [], "abstained": True, "degraded": []}
        self.status = 200
        self.delay = 0.0
        self.drip = 0.0
        self.searches: list[dict[str, Any]] = []
        self.traces: dict[str, dict[str, Any]] = {}
        self.reads: list[str] = []
        self.is_old = False
        self.fails = False
        self.ended = threading.Event()

    def read(self, path: str) -> tuple[int, dict[str, Any]]:
        """The answer to a GET."""
        self.reads.append(path)
        if self.fails:
            return 503, {"title": "Database unavailable"}
        place, _, query = path.partition("?")
        if place == "/v1/traces" and self.is_old:
            return 422, {"title": "Invalid request", "detail": "id: Extra inputs are not permitted."}
        if place == "/v1/traces":
            asked = parse_qs(query)["id"]
            return 200, {"items": [self.traces[one] for one in asked if one in self.traces]}
        if place.startswith("/v1/traces/"):
            trace = self.traces.get(place.rpartition("/")[2])
            return (200, trace) if trace else (404, {"title": "not found", "status": 404})
        return 200, {}


@contextmanager
def serving(socket: Path) -> Iterator[StandInStore]:
    """Listen on `socket` until the block ends."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = StandInStore()

    class Handler(_Handler):
        stand_in = store

    with _Server(str(socket), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield store
        finally:
            store.ended.set()
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has gone before its answer: some tests are about that."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandInStore
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/v1/lease":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.flush()
            self.stand_in.ended.wait()
            self.close_connection = True
            return
        status, said = self.stand_in.read(self.path)
        self._say(status, json.dumps(said).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stand_in.searches.append(json.loads(body))
        time.sleep(self.stand_in.delay)
        answer = self.stand_in.answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self._say(self.stand_in.status, body, self.stand_in.drip)

    def _say(self, status: int, body: bytes, drip: float = 0.0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not drip:
            self.wfile.write(body)
            return
        with suppress(OSError):  # nobody waits for the rest
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.stand_in.ended.wait(drip):
                    return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Tests read `searches` instead of a log."""
