"""One worker: as its supervisor sees it, what it tells it, and how it notices that its supervisor is gone."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

_log = logging.getLogger(__name__)

SOCKET_VARIABLE: Final = "COMMONTRACE_WORKER_SOCKET"
_READY: Final = b"ready "
_READY_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 35.0  # more than a worker takes to let go of everything
# A worker beats once a second; one that is silent for so long answers nobody either.
SILENCE_SECONDS: Final = 30.0
_BEAT: Final = b"."


class WorkerFailedError(Exception):
    """A worker did not become ready; the message says how."""


class Worker:
    """A running worker. Its standard input stays open as long as its supervisor lives; its output beats."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.address = ""
        self._told_to_stop = False

    @classmethod
    async def start(cls, command: Sequence[str], descriptor: int, environment: Mapping[str, str]) -> "Worker":
        """Start a worker that inherits the socket `descriptor`."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            pass_fds=(descriptor,),
            # a Ctrl-C at the terminal is the supervisor's; it tells the workers itself
            start_new_session=True,
        )
        return cls(process)

    async def wait_ready(self) -> None:
        """Return when the worker answers requests.

        Raises:
            WorkerFailedError: It ended, or took too long.
        """
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_READY_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise WorkerFailedError(f"worker {self.pid} is not ready after {_READY_SECONDS:.0f} s") from None
        if not line.startswith(_READY):
            raise WorkerFailedError(f"worker {self.pid} ended before it was ready")
        self.address = line.removeprefix(_READY).decode().strip()

    async def ended(self) -> int:
        """Return its exit status once it has ended; negative for a signal.

        One that does not beat any more, because it was stopped or something blocks its event loop, is killed.
        """
        while await self._beats() and not self._told_to_stop:
            continue
        if not self._told_to_stop and self._process.returncode is None:
            _log.error("worker %d says nothing for %.0f s: killing it", self.pid, SILENCE_SECONDS)
            with suppress(ProcessLookupError):
                self._process.kill()
        return await self._process.wait()

    async def _beats(self) -> bool:
        """Return after its next beat; whether there was one in time."""
        assert self._process.stdout is not None
        # asked twice: it may have been this process that was not given the processor
        for seconds in (SILENCE_SECONDS, 1.0):
            try:
                async with asyncio.timeout(seconds):
                    said = await self._process.stdout.read(4096)
            except TimeoutError:
                continue
            if said:
                return True
            await self._process.wait()  # it has closed its output: it is ending
            return False
        return False

    async def stop(self) -> None:
        """Tell it to stop; what it does not finish in time is cut off."""
        self._told_to_stop = True
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def inherited_socket() -> int | None:
    """Return the descriptor of the socket that a supervisor has passed to this process, if one did."""
    given = os.environ.get(SOCKET_VARIABLE)
    return int(given) if given else None


def beat() -> None:
    """Tell the supervisor that this process's event loop runs."""
    with suppress(OSError):  # it is gone, which is noticed elsewhere
        os.write(sys.stdout.fileno(), _BEAT)


def end_with_supervisor() -> None:
    """Stop this process the polite way when its supervisor has gone, however it went."""
    threading.Thread(target=_wait_for_end_of_input, name="supervisor-watch", daemon=True).start()


def _wait_for_end_of_input() -> None:
    descriptor = sys.stdin.fileno()
    while os.read(descriptor, 4096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
