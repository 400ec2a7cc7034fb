"""A response that stays open: as long as it is, its client is there."""

import asyncio

from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Lease(Response):
    """Says `leased` at once and then nothing, until the client goes or `stopping` is set."""

    media_type = "text/plain"

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self.status_code = 200
        self.background: BackgroundTask | None = None
        # No body is declared, so that there is no Content-Length: the stream's end is the lease's end.
        self.raw_headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the response open."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"leased\n", "more_body": True})
        waits = [asyncio.create_task(_gone(receive)), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
