"""What every answer tells a browser: nothing is guessed, kept, framed or sent on."""

import base64
import hashlib
import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_NO_STORE: Final = (b"cache-control", b"no-store")  # traces and keys are for the one who asked
_HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
_POLICY: Final = b"content-security-policy"
_NOTHING: Final = b"default-src 'none'; frame-ancestors 'none'"
# The page that describes the API: its viewer is where FastAPI points it to, and talks to this store only.
_PAGES: Final = frozenset(("/docs", "/docs/oauth2-redirect"))
_VIEWER: Final = (
    "default-src 'none'; script-src https://cdn.jsdelivr.net {scripts}; "
    "style-src https://cdn.jsdelivr.net 'unsafe-inline'; img-src 'self' data: https://fastapi.tiangolo.com; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_INLINE: Final = re.compile(rb"<script(?: type=[^>]{0,40})?>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """Middleware that adds the headers; there is no CORS: no other site may read an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a `send` that adds to the first message."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = (*_ALWAYS, _HTTPS_ONLY) if scope.get("scheme") == "https" else _ALWAYS
        if scope["path"] in _PAGES:
            await self._app(scope, receive, _Page(send, added))
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _extend(message, (*added, (_POLICY, _NOTHING)))
            await send(message)

        await self._app(scope, receive, with_headers)


def _extend(start: Message, added: tuple[tuple[bytes, bytes], ...]) -> None:
    headers = [*start.get("headers", ()), *added]
    if not any(name.lower() == _NO_STORE[0] for name, _ in headers):
        headers.append(_NO_STORE)
    start["headers"] = headers


class _Page:
    """A `send` for a small page: its policy names the hash of each script that the page itself holds."""

    def __init__(self, send: Send, added: tuple[tuple[bytes, bytes], ...]) -> None:
        self._send = send
        self._added = added
        self._start: Message = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start:
            policy = _VIEWER.format(scripts=" ".join(_hashes(message.get("body", b""))))
            _extend(self._start, (*self._added, (_POLICY, policy.encode())))
            await self._send(self._start)
            self._start = {}
        await self._send(message)


def _hashes(page: bytes) -> list[str]:
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
