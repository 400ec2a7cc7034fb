"""An embeddings API on the loopback that answers well, slowly, not at all or wrongly, as it is told."""

import asyncio
import hashlib
import itertools
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

Mood = Literal["good", "slow", "failing", "lying"]
DIMENSIONS = 8
SLOW_SECONDS = 3.0

Items = list[dict[str, Any]]


def _each(change: Callable[[list[float]], list[Any]]) -> Callable[[Items], Items]:
    return lambda items: [item | {"embedding": change(item["embedding"])} for item in items]


LIES: Final[Mapping[str, Callable[[Items], Items]]] = {
    "another length": _each(lambda vector: vector[1:]),
    "no numbers": _each(lambda vector: ["high", None, *vector[2:]]),
    "not a number": _each(lambda vector: [math.nan, *vector[1:]]),
    "infinite": _each(lambda vector: [math.inf, *vector[1:]]),
    "no direction": _each(lambda vector: [0.0] * len(vector)),
    "one too few": lambda items: items[1:],
    "one too many": lambda items: [*items, items[-1] | {"index": len(items)}],
    "the same index": lambda items: [item | {"index": 0} for item in items] * 2,
}


class Provider:
    """Speaks OpenAI's embeddings API.

    Attributes:
        mood: How it answers; `lying`: one lie of LIES after the other.
        port: Where it listens.
    """

    def __init__(self) -> None:
        self.mood: Mood = "good"
        self.port = 0
        self._lies = itertools.cycle(LIES)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a port of the loopback."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End it."""
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connected(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                texts = json.loads(await reader.readexactly(length))["input"]
                if self.mood == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                status = "500 Internal Server Error" if self.mood == "failing" else "200 OK"
                body = json.dumps({"data": self._items(texts)}).encode()
                answer = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
                writer.write(answer.encode() + b"\r\n\r\n" + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()

    def _items(self, texts: list[str]) -> Items:
        items = [{"index": index, "embedding": _vector(text)} for index, text in enumerate(texts)]
        return LIES[next(self._lies)](items) if self.mood == "lying" else items


def _vector(text: str) -> list[float]:
    return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSIONS]]
