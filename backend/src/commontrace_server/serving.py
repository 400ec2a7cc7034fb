"""The life of a server process: from a bound socket to the last connection."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from commontrace_server.health.activity import Activity
from commontrace_server.listeners import Listener
from commontrace_server.state import State

_GRACE_SECONDS: Final = 5
_LONG_GRACE_SECONDS: Final = 20  # an import or an export may be on its way
_KEEP_ALIVE_SECONDS: Final = 75
_LOOK_SECONDS: Final = 0.05
_BACKLOG: Final = 2048
_TICK_SECONDS: Final = 1.0
_CLOSE: Final = (b"connection", b"close")


class Server(uvicorn.Server):
    """Serves `app` on `listener` until a signal, or until nothing was asked for `idle_exit` seconds.

    Args:
        app: The app of `create_app`.
        listener: Bound; published once the app has started, withdrawn before it stops.
        idle_exit: Seconds, or None to stay.
        drain: Seconds that clients have, once it stops, to be told with an answer that their connection ends.
        alive: Called once a second by the event loop.
    """

    def __init__(
        self,
        app: FastAPI,
        listener: Listener,
        *,
        idle_exit: float | None = None,
        drain: float = 0.0,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                # connections accepted at a time: one, so that processes on one socket share them
                backlog=1,
                lifespan="on",
                ws="none",
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_LONG_GRACE_SECONDS if drain else _GRACE_SECONDS,
            )
        )
        self._app = app
        self._listener = listener
        self._idle_exit = idle_exit
        self._drain = drain
        self._alive = alive
        self._told = asyncio.Event()  # to stop
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run_until_stopped(self) -> None:
        """Serve; returns after a clean stop.

        Raises:
            SystemExit: The app's lifespan failed; the log says how.
        """
        await self.serve(sockets=[self._listener.socket])

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start, then say where."""
        await super().startup(sockets)  # type: ignore[arg-type]
        self._listener.socket.listen(_BACKLOG)
        address = self._listener.publish()
        with suppress(BrokenPipeError):  # whoever started this need not stay to read it
            sys.stdout.write(f"ready {address}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Turn newcomers away, end the streams, then stop."""
        self._listener.withdraw()
        state: State = self._app.state.store
        state.stopping.set()
        if self._drain:
            await self._drained()
        await super().shutdown(sockets)  # type: ignore[arg-type]

    async def _drained(self) -> None:
        """Accept nobody any more, and end each connection with the answer to its next request.

        A connection that is closed between two requests may lose one that is on its way.
        """
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        for _ in range(int(self._drain / _LOOK_SECONDS)):
            if not self.server_state.connections:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def main_loop(self) -> None:
        """Look whether it is time to stop, once a second and when told: little else wakes an idle store."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._told.wait()

    async def on_tick(self, counter: int) -> bool:
        """Look whether it is time to stop."""
        self._alive()
        return await super().on_tick(counter) or self._is_idle()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop cleanly; a second interrupt does not wait for connections."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    def _is_idle(self) -> bool:
        activity: Activity = self._app.state.activity
        return self._idle_exit is not None and activity.idle_seconds() >= self._idle_exit
