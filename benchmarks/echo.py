"""The bare ASGI app of `echo_app.py` in a process of its own, and clients that send it contributions."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.texts import Texts

if TYPE_CHECKING:
    from benchmarks.load import Client

SEED = 8
READY_SECONDS = 20.0
APP = Path(__file__).with_name("echo_app.py")


class Echo:
    """What a request over HTTP costs of itself.

    Attributes:
        calls: What each client does again and again.
    """

    def __init__(self, pid: int, clients: "list[Client]") -> None:
        self._process = psutil.Process(pid)
        texts = Texts(SEED)
        self.calls = [_posting(client, texts) for client in clients]

    def cpu(self) -> float:
        """Return the milliseconds that the app's process has run so far."""
        used = self._process.cpu_times()
        return float(used.user + used.system) * 1000

    @classmethod
    @asynccontextmanager
    async def served(cls, clients: int) -> "AsyncIterator[Echo]":
        """Start the app, connect the clients, and end it afterwards."""
        from benchmarks.load import Client

        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ct-echo-"))
            socket = Path(folder) / "s"
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(APP), str(socket), stdin=asyncio.subprocess.DEVNULL
            )
            stack.push_async_callback(process.wait)
            stack.callback(process.terminate)
            deadline = time.monotonic() + READY_SECONDS
            while not socket.exists():
                if time.monotonic() > deadline or process.returncode is not None:
                    raise RuntimeError("the bare app did not start; the lines above say why")
                await asyncio.sleep(0.05)
            connected = [Client(*await asyncio.open_unix_connection(socket), "") for _ in range(clients)]
            for client in connected:
                stack.callback(client.close)
            yield cls(process.pid, connected)


def _posting(client: "Client", texts: Texts) -> Callable[[], Awaitable[bool]]:
    async def post() -> bool:
        return (await client.post("/", texts.trace()))[0] == 200

    return post
