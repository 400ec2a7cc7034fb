"""A store that keeps what it is sent, on a real socket, and counts every key: for the client's own tests."""

import json
import re
import socketserver
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Document = dict[str, Any]
Answer = tuple[int, Any]
FERRY = {
    "title": "RuntimeError: ferry berth 7 refuses a manifest",
    "context_text": "Loading ends with `RuntimeError: ferry berth 7 refuses a lilac manifest`.",
    "solution_text": "Give the manifest a colour that the berth knows: colour = green.",
}
"""A draft on something that no store knows."""
STARTER = "0199c2f0-5a3e-7cc1-9d52-3f6c1d2b7a90"


def trace(identifier: str | None = None, **fields: Any) -> Document:
    """A trace as the store writes it."""
    return {
        "id": identifier or str(uuid.uuid4()), "title": "No module named yaml", "context_text": "c",
        "solution_text": "Install PyYAML.", "tags": ["python"], "kind": "fix", "status": "published",
        "origin": "person", "signatures": [], **fields,
    }  # fmt: skip


def problem(status: int, slug: str, detail: str) -> Answer:
    """A problem document."""
    return status, {
        "type": f"urn:commontrace:problem:{slug}",
        "title": slug,
        "status": status,
        "detail": detail,
    }


class KeepingStore:
    """What the store has been sent.

    Attributes:
        key: the API key that it takes; None where it asks for none.
        keys: for each idempotency key the body that came with it, as bytes.
        requests: method and path of every request, in order.
        votes: the vote on each trace.
        outcomes: the bodies by trace and session.
        received: is called with every contribution before the store looks at it.
        stored: is called when a contribution is stored and the answer is about to be sent.
        failing: is answered to every request while it is set, except to whether the store is ready.
        found: is answered to every search.
        searches: the bodies of all searches.
        queues: whether it does imports as jobs for those who ask for that.
    """

    def __init__(self) -> None:
        self.url = ""
        self.key: str | None = None
        self.keys: dict[str, bytes] = {}
        self.traces: dict[str, Document] = {STARTER: trace(STARTER, origin="starter")}
        self.requests: list[str] = []
        self.votes: dict[str, Document] = {}
        self.outcomes: dict[tuple[str, str], Document] = {}
        self.reports: dict[str, Document] = {}
        self.authorizations: list[str | None] = []
        self.received: Callable[[], None] = lambda: None
        self.stored: Callable[[], None] = lambda: None
        self.failing: Answer | None = None
        self.found: Document = {"hits": [], "abstained": True, "degraded": []}
        self.searches: list[Document] = []
        self.queues = False
        self._imports: dict[str, list[Document]] = {}
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """What one request is answered."""
        authorization = headers.get("Authorization")
        self.requests.append(f"{method} {path}")
        self.authorizations.append(authorization)
        if self.failing is not None and path != "/readyz":
            return self.failing
        if self.key is not None and path != "/readyz" and authorization != f"Bearer {self.key}":
            return problem(401, "unauthorized", "Ask an administrator for a key.")
        place = path.partition("?")[0]
        if (method, place) == ("POST", "/v1/traces"):
            return self._contribute(headers["Idempotency-Key"], body)
        if self.queues and place.startswith("/v1/import"):
            return self._queue(place, path, body)
        found = re.fullmatch(r"/v1/traces/([0-9a-f-]{36})(?:/(\w+))?", place)
        if found:
            return self._about(method, found[1], found[2], json.loads(body or b"{}"))
        return self._other(path, body)

    def _contribute(self, key: str, body: bytes) -> Answer:
        self.received()
        with self._lock:
            known = key in self.keys
            if known and self.keys[key] != body:
                return problem(422, "idempotency-key-reused", "Use a new key.")
            self.keys[key] = body
            fields = {name: value for name, value in json.loads(body).items() if name != "space"}
            identifier = self._ids.setdefault(json.dumps(fields), str(uuid.uuid4()))
            self.traces.setdefault(identifier, trace(identifier, **fields))
        self.stored()
        return (200 if known else 201), self.traces[identifier]

    def _about(self, method: str, identifier: str, part: str | None, body: Document) -> Answer:
        if identifier not in self.traces:
            return problem(404, "trace-not-found", "Search for it.")
        if part is None and method == "DELETE":
            del self.traces[identifier]
            return 204, b""
        if part is None:
            return 200, self.traces[identifier]
        if part == "vote" and method == "DELETE":
            self.votes.pop(identifier, None)
        elif part == "vote":
            self.votes[identifier] = body
        elif part == "outcomes":
            self.outcomes[identifier, body["session"]] = body
        elif part == "reports":
            self.reports[identifier] = body
        elif part == "retract":
            self.traces[identifier]["status"] = "retracted"
        return 200, {}

    def _other(self, path: str, body: bytes) -> Answer:
        place, _, query = path.partition("?")
        said: dict[str, Any] = {
            "/readyz": {},
            "/v1/me": {"id": str(uuid.uuid4()), "name": "Robin", "scopes": ["read", "contribute"]},
            "/v1/search": lambda: self._search(body),
            "/v1/tags": {"items": [{"tag": "python", "count": 2}]},
            "/v1/traces": lambda: self._several(parse_qs(query).get("id", ())),
            "/v1/export": lambda: _lines(self.traces.values()),
            "/v1/import": lambda: _lines(self._import(body)),
        }
        if place not in said:
            return problem(404, "not-found", "There is nothing at this address.")
        return 200, said[place]() if callable(said[place]) else said[place]

    def _several(self, asked: Iterable[str]) -> Document:
        return {"items": [self.traces[one] for one in asked if one in self.traces]}

    def _search(self, body: bytes) -> Document:
        self.searches.append(json.loads(body))
        return self.found

    def _queue(self, place: str, path: str, body: bytes) -> Answer:
        if place == "/v1/import":
            return 202, self._queued(list(self._import(body)))
        return 200, self._import_job(place.rpartition("/")[2], int(path.partition("after=")[2]))

    def _queued(self, lines: list[Document]) -> Document:
        identifier = str(uuid.uuid4())
        self._imports[identifier] = lines
        counts = dict.fromkeys(("done", "created", "existing", "refused"), 0)
        return {"id": identifier, "status": "queued", "lines": len(lines), "refusals": [], **counts}

    def _import_job(self, identifier: str, after: int) -> Document:
        """It was done meanwhile; refusals are told two at a time."""
        lines = self._imports[identifier]
        counts = {
            status: sum(line["status"] == status for line in lines)
            for status in ("created", "existing", "refused")
        }
        refused = [line for line in lines if line["status"] == "refused" and line["line"] > after]
        told = {"status": "done", "lines": len(lines), "done": len(lines), "refusals": refused[:2]}
        return {"id": identifier, **told, **counts}

    def _import(self, body: bytes) -> Iterator[Document]:
        for number, line in enumerate(body.splitlines(), 1):
            one = json.loads(line)
            if "title" not in one:
                yield {"line": number, "status": "refused", "detail": "title: missing"}
                continue
            known = one["id"] in self.traces
            self.traces[one["id"]] = one
            yield {"line": number, "status": "existing" if known else "created"}


def _lines(documents: Iterable[Document]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in documents)


@contextmanager
def keeping(socket: Path | None = None) -> Iterator[KeepingStore]:
    """Listen on a unix socket, or on a free port of this machine, until the block ends."""
    store = KeepingStore()

    class Handler(_Handler):
        keeping = store

    server: socketserver.BaseServer
    if socket is None:
        server = _TcpServer(("127.0.0.1", 0), Handler)
        store.url = f"http://127.0.0.1:{server.server_address[1]}"
    else:
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = _UnixServer(str(socket), Handler)
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield store
        finally:
            server.shutdown()
            thread.join()


class _TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    request_queue_size = 64


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    keeping: KeepingStore
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        chunked = self.headers.get("Transfer-Encoding") == "chunked"
        body = self._chunks() if chunked else self.rfile.read(size)
        if len(body) < size:  # the client was killed while it sent: a store does nothing with half a request
            self.close_connection = True
            return
        status, said = self.keeping.answer(self.command, self.path, self.headers, body)
        answer = said if isinstance(said, bytes) else json.dumps(said).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except ConnectionError:
            self.close_connection = True  # the client was killed; that is what some tests are about

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815  the base class looks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Tests read `requests` instead of a log."""
