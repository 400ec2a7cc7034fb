"""ASGI middleware: every request gets an id, a line in the log and its place in the metrics."""

import logging
import re
import secrets
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commontrace_server.observability import logs
from commontrace_server.observability.metrics import Metrics

_log = logging.getLogger(logs.ACCESS)

_HEADER: Final = b"x-request-id"
_GIVEN: Final = re.compile(rb"[A-Za-z0-9-]{8,64}")
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds by machines
_NOBODY: Final = "unmatched"
_CANCELLED: Final = 499  # the client had gone before there was an answer


class Observed:
    """Notes what was asked by the route's name, never by its address: that may hold a query.

    A client's `X-Request-Id` is kept if it looks like an id; the answer always carries one.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = _identifier(scope)
        structlog.contextvars.bind_contextvars(request_id=identifier.decode())
        status = _CANCELLED
        since = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, identifier)]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - since)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _NOBODY)
        method = scope["method"] if route != _NOBODY else ""
        self._metrics.requested(method, route, status, seconds)
        if scope["path"] not in _QUIET:
            _log.info(
                "request",
                extra={"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)},
            )


def _identifier(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(8).encode()
