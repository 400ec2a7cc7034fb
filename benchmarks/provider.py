"""An embeddings API on the loopback that answers well, slowly, not at all or wrongly, as it is told."""

import asyncio
import hashlib
import json
from typing import Any, Literal

Mood = Literal["good", "slow", "failing", "lying"]
DIMENSIONS = 8
SLOW_SECONDS = 3.0


class Provider:
    """Speaks OpenAI's embeddings API.

    Attributes:
        mood: How it answers; `lying`: vectors of another length, and not numbers.
        port: Where it listens.
    """

    def __init__(self) -> None:
        self.mood: Mood = "good"
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a port of the loopback."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End it."""
        assert self._server is not None
        self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                texts = json.loads(await reader.readexactly(length))["input"]
                if self.mood == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                status = "500 Internal Server Error" if self.mood == "failing" else "200 OK"
                body = json.dumps({"data": [self._item(*pair) for pair in enumerate(texts)]}).encode()
                answer = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
                writer.write(answer.encode() + b"\r\n\r\n" + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    def _item(self, index: int, text: str) -> dict[str, Any]:
        digest = hashlib.sha256(text.encode()).digest()
        vector: list[Any] = [byte / 255 for byte in digest[:DIMENSIONS]]
        if self.mood == "lying":
            vector = ["high", None] if index % 2 else vector[1:]
        return {"index": index, "embedding": vector}
