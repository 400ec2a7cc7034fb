"""The life of the process: from a bound socket to the last connection."""

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from commontrace.gateway.app import PATH

_GRACE_SECONDS: Final = 5


class Server(uvicorn.Server):
    """Serves `app` on a bound socket until a signal.

    Args:
        app: of `app.http_app`.
        listener: bound; the address that it stands for is printed as soon as the server answers.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                ws="none",
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._listener = listener

    def run_until_stopped(self) -> None:
        """Serve; returns after a clean stop."""
        asyncio.run(self.serve(sockets=[self._listener]))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say where."""
        await super().startup(sockets)
        with suppress(BrokenPipeError):  # whoever started this need not stay to read it
            sys.stdout.write(f"ready {address(self._listener)}{PATH}\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop cleanly; a second interrupt does not wait for connections."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def bound(host: str, port: int) -> socket.socket:
    """A socket at this address.

    Raises:
        OSError: it is taken, not ours to take, or not there.
    """
    family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server(place[:2], family=family)


def address(listener: socket.socket) -> str:
    """Where a socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
