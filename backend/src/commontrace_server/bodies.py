"""The bound on request bodies, declared and streamed alike."""

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commontrace_server.problems import Problem

# A sender that is cut off in the middle of its body often loses the answer as well (the kernel resets the
# connection), so a little more is read and thrown away.
_DISCARD_FACTOR: Final = 16

# Worked off line by line as they arrive, so they may be longer than what is kept in memory.
STREAMS: Final[Mapping[str, int]] = {"/v1/import": 256 * 1024 * 1024}


class BodyTooLargeError(HTTPException):
    """The request body is larger than this store accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            status_code=413,
            detail=f"A request body may have {limit} bytes at most. Shorten the texts, or send less at once.",
            headers={"Connection": "close"},
        )


class BoundedBodies:
    """ASGI middleware: bodies beyond `limit` bytes end as BodyTooLargeError when they are read.

    The addresses of STREAMS have limits of their own.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a bounded `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _is_ambiguous(scope):
            await _ambiguous()(scope, receive, send)
            return
        received = 0
        limit = STREAMS.get(scope["path"], self._limit)

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                await self._discard(message, receive)
                raise BodyTooLargeError(limit)
            return message

        await self._app(scope, bounded_receive, send)

    async def _discard(self, message: Message, receive: Receive) -> None:
        discarded = 0
        while message.get("more_body", False) and discarded < self._limit * _DISCARD_FACTOR:
            message = await receive()
            discarded += len(message.get("body", b""))


def _is_ambiguous(scope: Scope) -> bool:
    """Whether a request says its length twice over.

    A proxy that believes the other one of the two takes the rest of this body for somebody's next request.
    """
    names = {name for name, _ in scope["headers"]}
    return {b"content-length", b"transfer-encoding"} <= names


def _ambiguous() -> Problem:
    return Problem(
        400,
        "malformed-request",
        "Bad Request",
        "Content-Length and Transfer-Encoding exclude each other. Send one of them.",
        headers={"Connection": "close"},
    )
