"""The bound on request bodies, declared and streamed alike."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A sender that is cut off in the middle of its body often loses the answer as well (the kernel resets the
# connection), so a little more is read and thrown away.
_DISCARD_FACTOR: Final = 16


class BodyTooLargeError(HTTPException):
    """The request body is larger than this store accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            status_code=413,
            detail=f"The request body may have at most {limit} bytes. Shorten the texts and send it again.",
            headers={"Connection": "close"},
        )


class BoundedBodies:
    """ASGI middleware: bodies beyond `limit` bytes end as BodyTooLargeError when they are read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a bounded `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                await self._discard(message, receive)
                raise BodyTooLargeError(self._limit)
            return message

        await self._app(scope, bounded_receive, send)

    async def _discard(self, message: Message, receive: Receive) -> None:
        discarded = 0
        while message.get("more_body", False) and discarded < self._limit * _DISCARD_FACTOR:
            message = await receive()
            discarded += len(message.get("body", b""))
