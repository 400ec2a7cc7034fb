"""The least that a request over HTTP can cost: a bare ASGI app that answers with what it was sent."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(_: dict[str, Any], receive: Receive, send: Send) -> None:
    """Read the JSON of a request and answer with it."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = json.dumps(json.loads(body)).encode()
    length = str(len(answer)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    # as the store is served, without a store
    uvicorn.run(app, uds=sys.argv[1], log_config=None, access_log=False, lifespan="off", ws="none")
