"""A scripted stand-in for the Anthropic Messages API on a loopback port.

It serves one `Script` and records every request, so that a test can ask what the model saw. Anything that is
not a Messages API call, or that arrives here because this address is also the client's proxy, is kept in
`strays`: an offline session leaves that list empty.
"""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

from support.model_script import Json, Request, Script, Turn, identifier, say, texts

MAIN = "main"
SUMMARY = "summary"
SIDE = "side"

_SUMMARY_REQUEST = re.compile(r"(?i)create a (detailed|concise) summary of (the|this|our) conversation")


class MessagesApi:
    """Serves one script from a thread, as a context manager.

    Attributes:
        requests: the Messages requests in order of arrival.
        strays: the request lines of everything else.
    """

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self.strays: list[str] = []
        self._script = script
        self._steps = {key: iter(steps) for key, steps in {**script.agents, MAIN: script.turns}.items()}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, good as ANTHROPIC_BASE_URL and as a proxy that refuses."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def main(self) -> list[Request]:
        """The main agent's requests: the first carries the prompt, each next one the results of a turn."""
        return self.of(MAIN)

    def of(self, agent: str) -> list[Request]:
        """The requests of one agent, in order."""
        return [request for request in self.requests if request.agent == agent]

    def answer(self, body: Json) -> Turn:
        """Record a Messages request and take the turn that answers it."""
        request = Request(self._agent(body), body)
        with self._lock:
            self.requests.append(request)
            step = next(self._steps.get(request.agent, iter(())), None)
        if request.agent == SUMMARY:
            return say(self._script.summary)
        if request.agent == SIDE:
            return say(_side_answer(body))
        if step is None:
            return say("Done.")
        return step if isinstance(step, Turn) else step(request)

    def stray(self, line: str) -> None:
        """Record a request that an offline session does not make."""
        with self._lock:
            self.strays.append(line)

    def _agent(self, body: Json) -> str:
        messages = body.get("messages") or [{}]
        if _SUMMARY_REQUEST.search("\n".join(texts(messages[-1]))):
            return SUMMARY
        if not body.get("tools"):
            return SIDE
        opening = "\n".join(texts(messages[0]))
        return next((key for key in self._script.agents if key in opening), MAIN)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: MessagesApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urlsplit(self.path)
        if target.netloc or target.path not in {"/v1/messages", "/v1/messages/count_tokens"}:
            self._refuse()
        elif target.path.endswith("/count_tokens"):
            self._send("application/json", json.dumps({"input_tokens": len(body) // 4}))
        else:
            self._answer(json.loads(body))

    def do_HEAD(self) -> None:
        if self.path == "/":
            self._send("text/plain", "")
        else:
            self._refuse()

    def send_error(self, *_: object, **__: object) -> None:
        """Refuse what this class has no method for, GET and CONNECT above all."""
        self._refuse()

    def log_message(self, *_: object) -> None:
        """Say nothing: requests are recorded, not logged."""

    def _answer(self, body: Json) -> None:
        message = _message(self.server.api.answer(body), str(body.get("model")))
        if not body.get("stream"):
            self._send("application/json", json.dumps(message))
            return
        events = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in _stream(message)]
        self._send("text/event-stream", "".join(events))

    def _refuse(self) -> None:
        self.server.api.stray(self.requestline)
        self.close_connection = True
        self._send("text/plain", "this machine is offline\n", status=403)

    def _send(self, content_type: str, text: str, *, status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _message(turn: Turn, model: str) -> Json:
    """One whole answer."""
    cached = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return {
        "id": identifier("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(turn.blocks),
        "stop_reason": turn.stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": turn.input_tokens, "output_tokens": 20, **cached},
    }


def _stream(message: Json) -> Iterator[Json]:
    """The same answer as server-sent events."""
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        if block["type"] == "tool_use":
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            empty = {**block, "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _side_answer(body: Json) -> str:
    """The answer to a request without tools (say, for a title): JSON where a schema asks for it."""
    output = body.get("output_config") or body.get("output_format") or {}
    schema = (output.get("format") or output).get("schema") or {}
    if not schema:
        return "A scripted session"
    return json.dumps(dict.fromkeys(schema.get("properties") or {}, "A scripted session"))
