"""A server on the loopback that speaks OpenAI's embeddings API, well or badly."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class EmbeddingsApi:
    """What the server answers, and what it was asked.

    Attributes:
        answers: Statuses and headers of the next answers; when they are used up, vectors are given.
        body: Given in place of vectors, if set.
        dimensions: Length of the vectors.
        silent: While set, no answer is given.
        requests: Bodies that were received.
        keys: The Authorization header of each.
    """

    dimensions: int = 4
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    body: bytes | None = None
    silent: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def vectors(self, texts: list[str]) -> bytes:
        """One vector per text, of its length, last text first."""
        items = [
            {"index": index, "embedding": [float(len(text)), *[1.0] * (self.dimensions - 1)]}
            for index, text in enumerate(texts)
        ]
        return json.dumps({"data": items[::-1]}).encode()


@contextmanager
def embeddings_api() -> Iterator[EmbeddingsApi]:
    """Run the server until the test is over."""
    api = EmbeddingsApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.requests.append(request | {"path": self.path})
            api.keys.append(self.headers["Authorization"])
            if api.silent:
                api.released.wait()
                return
            status, headers = api.answers.pop(0) if api.answers else (200, {})
            body = api.vectors(request["input"]) if api.body is None else api.body
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield api
    finally:
        api.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
