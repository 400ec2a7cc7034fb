"""A TCP proxy in front of a server, to be cut: what a network may do between two machines."""

import asyncio
from contextlib import suppress
from typing import Literal

State = Literal["open", "dark", "refused"]


class Proxy:
    """Forwards connections to a unix socket while it is `open`.

    While it is `dark` nothing gets through and nobody is told; what was sent arrives late, if anybody is
    left. While it is `refused` every connection ends.

    Args:
        target: Path of the unix socket.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._state: State = "open"
        self._lit = asyncio.Event()
        self._lit.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    def aim(self, target: str) -> None:
        """Forward new connections to another socket."""
        self._target = target

    async def start(self) -> None:
        """Listen on a port of the loopback."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End everything."""
        assert self._server is not None
        self._server.close()
        self._lit.set()
        self._cut()

    def become(self, state: State) -> None:
        """Behave so from now on."""
        self._state = state
        if state == "dark":
            self._lit.clear()
            return
        if state == "refused":
            self._cut()
        self._lit.set()

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state == "refused":
            writer.transport.abort()
            return
        self._writers.add(writer)
        await self._lit.wait()
        try:
            there, here = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.transport.abort()
            return
        finally:
            self._writers.discard(writer)
        self._writers |= {writer, here}
        await asyncio.gather(self._pour(reader, here), self._pour(there, writer))
        self._writers -= {writer, here}

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._lit.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
